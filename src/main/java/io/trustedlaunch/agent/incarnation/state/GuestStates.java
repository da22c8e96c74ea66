package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.SealingState;
import io.trustedlaunch.agent.gueststate.GuestStateSealer;
import io.trustedlaunch.agent.gueststate.GuestStateSealer.Listed;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.SecureBootVariables;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.WorkingCopyState;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.files.NoSpace;
import io.trustedlaunch.gueststate.Claimant;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves guest state between working copy and home, in the steps of an incarnation. A method that throws {@link
 * RefusedException} has changed nothing.
 */
public final class GuestStates {
    static final String CHECK_LOCATION = "check the storage location";
    private static final Logger LOG = LoggerFactory.getLogger(GuestStates.class);

    private final WorkingCopies copies;
    private final HomeStates sealed;
    private final VmRecordStore records;
    private final GuestStateKeeper keeper;
    private final Secrets secrets;
    private final Claims claims;
    private final SecureRandom random;
    private final Failpoints failpoints;
    private final HomeEscrows escrows = new HomeEscrows();
    /** The epoch whose guest this process has seen, for each VM. */
    private final Map<UUID, Long> watched = new ConcurrentHashMap<>();

    interface Act<T> {
        T run() throws IOException;
    }

    public GuestStates(
            WorkingCopies copies,
            Homes homes,
            VmRecordStore records,
            GuestStateKeeper keeper,
            Secrets secrets,
            SecureRandom random,
            Failpoints failpoints) {
        this.copies = copies;
        this.sealed = new HomeStates(homes, secrets);
        this.records = records;
        this.keeper = keeper;
        this.secrets = secrets;
        this.claims = new Claims(records, secrets.nodeName(), random);
        this.random = random;
        this.failpoints = failpoints;
    }

    /** A copy that was damaged and is whole again was replaced by a person: its end was not watched. */
    public void observe(IncarnationFacts facts) {
        facts.domain()
                .filter(domain -> !(domain.state() instanceof DomainState.ShutOff))
                .ifPresent(domain -> watched.put(facts.vm(), domain.epoch()));
        if (facts.domain().isEmpty() && facts.workingCopy() != WorkingCopyState.WHOLE) {
            watched.remove(facts.vm());
        }
    }

    /** Opens a version in the home, if the incarnation may start from it. */
    public GuestState openToStartFrom(IncarnationFacts facts, GuestStateVersion version) {
        GuestState state = sealed.open(facts, version);
        claims.requireToStartFrom(facts, state);
        return state;
    }

    /** The claimant by which an incarnation that begins will claim the home. */
    public Claimant newClaimant(IncarnationFacts facts) {
        return claims.make(facts);
    }

    public boolean opens(IncarnationFacts facts, GuestStateVersion version) {
        return sealed.opened(facts, version).isPresent();
    }

    /** A start is refused while home has such a state, whether it is the VM's own or not. */
    public RefusedException refusalOfLaterEpoch(IncarnationFacts facts, GuestStateVersion version) {
        return claims.refusalOfLaterEpoch(facts, version, sealed.opening(facts, version));
    }

    /** The home was claimed for this epoch, and not by this incarnation as far as this node's record goes. */
    public RefusedException refusalOfUnknownClaim(IncarnationFacts facts, GuestStateVersion version) {
        return claims.refusalOfUnknownClaim(facts, sealed.opened(facts, version));
    }

    /** Another node has claimed the home for this epoch. If that cannot be read, it has not. */
    public boolean isClaimedElsewhere(IncarnationFacts facts) {
        try {
            return sealed.newestOf(facts, facts.epoch())
                    .filter(state -> !claims.isOfThisNode(facts, state.claimant()))
                    .isPresent();
        } catch (RefusedException e) {
            LOG.debug("VM {}: {}", facts.vm(), e.getMessage());
            return false;
        }
    }

    /**
     * Whether the home has nothing that is newer than what the working copy was made from, but this incarnation's own claim.
     * Until the claim, the guest of a host that was falsely said to be dead may seal more.
     */
    public boolean isCopyOfNewest(IncarnationFacts facts) {
        GuestStateVersion approved = facts.spec().approvedGuestState();
        return facts.own()
                .copiedFrom()
                .filter(from -> !from.equals(approved))
                .map(from -> writing(() -> sealed.home(facts).versions()).stream()
                        .findFirst()
                        .filter(newest -> newest.epoch() < facts.epoch() && newest.compareTo(from) > 0)
                        .isEmpty())
                .orElse(true);
    }

    /**
     * Claims the home for this incarnation: writes its escrow, if it has one, then its first state as generation 1. A claim
     * that it made before is found again.
     */
    public GuestStateVersion claim(Permit permit, IncarnationFacts facts, String ekDigest) {
        return claim(permit, facts, ekDigest, Optional.empty());
    }

    /** @param draft used as long as nothing that it was made from has changed */
    public GuestStateVersion claim(Permit permit, IncarnationFacts facts, String ekDigest, Optional<ClaimDraft> draft) {
        permit.folder(Permit.Act.CLAIM, Permit.Act.TAKE_OVER);
        return writing(() -> {
            Home home = sealed.home(facts);
            List<GuestStateVersion> there = home.versions();
            requireLatest(facts, there);
            escrows.write(facts, home);
            Optional<ClaimDraft> current = draft.filter(made -> made.isOf(there, copies.tpmDigest(facts.vm())));
            if (current.isEmpty() || !current.get().publish(home)) {
                return claim(facts, ekDigest, home, there);
            }
            current.get().record(records, facts.vm());
            failpoints.reached(Failpoint.AGENT_GUEST_STATE_SEALED);
            requireAlone(facts, home.versions());
            return current.get().version();
        });
    }

    private GuestStateVersion claim(IncarnationFacts facts, String ekDigest, Home home, List<GuestStateVersion> there)
            throws IOException {
        boolean claimed = there.stream().anyMatch(version -> version.epoch() == facts.epoch());
        if (!claimed) {
            HomeStates.setRejectedAside(facts, home, there);
        }
        try (GuestStateSealer sealer = sealer(facts, facts.epoch(), home, ekDigest)) {
            if (sealer.fault().isPresent()) {
                throw HomeStates.unusable(
                        facts, sealer.newest().orElseThrow(), sealer.fault().get());
            }
            if (sealer.newest().isEmpty()) {
                sealer.seal(() -> copies.read(facts.vm()));
            }
            GuestStateVersion claim = sealer.newest().orElseThrow();
            record(facts.vm(), claim);
            requireAlone(facts, home.versions());
            return claim;
        }
    }

    /**
     * Seals the claim of a guest that has arrived and is paused, without making it: its home may be its source's still. Empty:
     * {@link #claim} has more to do than that.
     */
    public Optional<ClaimDraft> draftClaim(IncarnationFacts facts, String ekDigest) {
        if (facts.spec().approvedGuestState() != null) {
            return Optional.empty();
        }
        return writing(() -> {
            Home home = sealed.home(facts);
            List<GuestStateVersion> there = home.versions();
            try (GuestStateSealer sealer = sealer(facts, facts.epoch(), home, ekDigest)) {
                return sealer.newest().isPresent()
                        ? Optional.empty()
                        : Optional.of(ClaimDraft.of(there, sealer.draft(copies.read(facts.vm()))));
            }
        });
    }

    /**
     * Writes the UEFI variables of an arrived guest, as its source sealed them last. QEMU holds them too, and writes them
     * when the guest is resumed. Returns their version.
     *
     * @param present the version that was written before
     */
    public GuestStateVersion completeVariables(IncarnationFacts facts, Optional<GuestStateVersion> present) {
        GuestStateVersion newest = sealed.newest(facts);
        if (!present.equals(Optional.of(newest))) {
            copies.completeVariables(facts.vm(), sealed.open(facts, newest).variables());
        }
        return newest;
    }

    /** Opens the newest state of an expected guest. */
    GuestState openNewest(IncarnationFacts facts) {
        return sealed.open(facts, sealed.newest(facts));
    }

    /** Tries to seal the last changes of a guest that has left; if it fails, they stay in the working copy. */
    public void trySealLastState(IncarnationFacts facts) {
        try {
            if (keeper.keeps(facts.vm(), facts.epoch())) {
                keeper.seal(facts.vm());
            } else if (facts.hasUnsealedCopy()) {
                sealLastState(facts, facts.epoch(), lastWatched -> {});
            }
        } catch (RefusedException e) {
            LOG.warn("VM {}: {}", facts.vm(), e.getMessage());
        }
    }

    /** Seals every change of the guest from now on. */
    public void keep(IncarnationFacts facts) {
        if (keeper.keeps(facts.vm(), facts.epoch())) {
            return;
        }
        writing(() -> {
            keeper.begin(sealer(facts, facts.epoch(), sealed.home(facts), ekDigest(facts)), copies.of(facts.vm()));
            return null;
        });
    }

    /** The same for a running guest, which a failure does not stop. Returns how far its state is sealed. */
    public Optional<SealingState> keepSealed(IncarnationFacts facts) {
        try {
            keep(facts);
            escrows.keep(facts, () -> sealed.home(facts));
            return keeper.state(facts.vm());
        } catch (RefusedException e) {
            return Optional.of(
                    new SealingState(Optional.empty(), Optional.of(new Problem(e.reason(), e.getMessage()))));
        }
    }

    /** The data disks that the guest's newest state at home lists; empty: that is not known yet. */
    public Optional<Listed> listed(IncarnationFacts facts) {
        return keeper.listed(facts.vm(), facts.epoch());
    }

    /**
     * Seals a state that lists these data disks. Returns whether it is durable; if not, it is to be tried again. The escrow has them
     * before: whoever recovers the VM from it starts with no disk missing.
     */
    public boolean list(IncarnationFacts facts, Listed disks) {
        escrows.keep(facts, () -> sealed.home(facts));
        return writing(() -> keeper.list(facts.vm(), facts.epoch(), disks));
    }

    /** Removes the working copy and the secret that opens it. Its state is home, or is deleted with the VM. */
    public void eraseWorkingCopy(UUID vm) {
        keeper.end(vm);
        copies.erase(vm);
    }

    public void setWorkingCopyAside(UUID vm) {
        keeper.end(vm);
        copies.setAside(vm);
    }

    /**
     * Seals the state that a guest left, under its own epoch; afterwards the working copy holds nothing that is not home. If the
     * home is another claimant's, the copy waits until a person has approved the state to go on from; then it is set aside.
     *
     * @param unwatched called first, with the last watched version, if the state was changed while no agent watched
     */
    public void sealLastState(IncarnationFacts facts, long epoch, Consumer<GuestStateVersion> unwatched) {
        keeper.end(facts.vm());
        try {
            sealLast(facts, epoch, unwatched);
        } catch (RefusedException e) {
            if (e.reason() != Reason.HomeClaimedElsewhere || facts.spec().approvedGuestState() == null) {
                throw e;
            }
            copies.setAside(facts.vm());
            return;
        }
        records.update(facts.vm(), record -> record.completedBy(epoch));
        failpoints.reached(Failpoint.AGENT_LAST_STATE_SEALED);
    }

    private void sealLast(IncarnationFacts facts, long epoch, Consumer<GuestStateVersion> unwatched) {
        writing(() -> {
            GuestStateSealer.Source copy = () -> copies.read(facts.vm());
            try (GuestStateSealer sealer = sealer(facts, epoch, sealed.home(facts), ekDigest(facts))) {
                if (endedUnwatched(facts, epoch) && sealer.lacks(copy.read())) {
                    lastSealed(facts).ifPresent(unwatched);
                }
                sealer.seal(copy);
                record(facts.vm(), sealer.newest().orElseThrow());
            }
            return null;
        });
    }

    /** Nothing starts from the state of a guest that has left, or of one whose successor has claimed the home. */
    private boolean endedUnwatched(IncarnationFacts facts, long epoch) {
        boolean left = records.require(facts.vm())
                .of(epoch)
                .exit()
                .filter(exit -> exit == Exit.Migrated)
                .isPresent();
        boolean followed =
                facts.home().newest().filter(newest -> newest.epoch() > epoch).isPresent();
        return !left && !followed && !hasWatched(facts.vm(), epoch);
    }

    /** This process has seen the guest of that incarnation, so that the disk was not set back since. */
    public boolean hasWatched(UUID vm, long epoch) {
        return Long.valueOf(epoch).equals(watched.get(vm));
    }

    /** The version that this agent sealed last, whether or not it is still home. */
    private Optional<GuestStateVersion> lastSealed(IncarnationFacts facts) {
        return records.require(facts.vm())
                .newest()
                .or(() -> Optional.ofNullable(facts.spec().guestStateFloor()));
    }

    private GuestStateSealer sealer(IncarnationFacts facts, long epoch, Home home, String ekDigest) throws IOException {
        UUID vm = facts.vm();
        Optional<GuestStateVersion> last = records.require(vm).newest();
        Claimant claimant = claims.own(facts, epoch, () -> sealed.newestOf(facts, epoch));
        // A guest of an earlier epoch was given what its claim lists, not what this order has.
        Optional<List<DiskIdentity>> given = epoch == facts.epoch() ? Optional.of(facts.dataDisks()) : Optional.empty();
        return GuestStateSealer.open(
                epoch, claimant, last, given, ekDigest, home, secrets.guestStateKey(facts), random, state -> {
                    record(vm, state);
                    failpoints.reached(Failpoint.AGENT_GUEST_STATE_SEALED);
                });
    }

    private void record(UUID vm, GuestState state) {
        Optional<SecureBootState> secureBoot = SecureBootVariables.state(state.variables());
        records.update(vm, record -> record.sealed(state.version(), secureBoot));
    }

    private void record(UUID vm, GuestStateVersion version) {
        records.update(vm, record -> record.sealed(version));
    }

    private void requireLatest(IncarnationFacts facts, List<GuestStateVersion> there) {
        if (!there.isEmpty() && there.getFirst().epoch() > facts.epoch()) {
            throw refusalOfLaterEpoch(facts, there.getFirst());
        }
    }

    /**
     * If two claim the home for different epochs at the same moment, at least one sees the other's claim here, and runs nothing:
     * one that is later, or one after what its own working copy was made from.
     */
    private void requireAlone(IncarnationFacts facts, List<GuestStateVersion> there) {
        requireLatest(facts, there);
        facts.own()
                .copiedFrom()
                .ifPresent(from -> there.stream()
                        .filter(version -> version.epoch() > from.epoch() && version.epoch() < facts.epoch())
                        .flatMap(version -> sealed.opened(facts, version).stream())
                        .findFirst()
                        .ifPresent(state -> {
                            throw claims.refusalOfRival(facts, state);
                        }));
    }

    private String ekDigest(IncarnationFacts facts) {
        return records.require(facts.vm())
                .ekDigest()
                .or(() -> Optional.ofNullable(facts.spec().ekDigest()))
                .orElseGet(() -> copies.probe(facts).digest());
    }

    static <T> T writing(Act<T> act) {
        try {
            return act.run();
        } catch (IOException e) {
            throw new RefusedException(
                    NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.GuestStateNotSealed,
                    "the guest state cannot be sealed to the VM's home: " + e.getMessage() + "; "
                            + NoSpace.nextStep(e, CHECK_LOCATION),
                    e);
        }
    }
}
