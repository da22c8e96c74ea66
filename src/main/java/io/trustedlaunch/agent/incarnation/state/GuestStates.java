package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.SealingState;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.SealedLine;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.WorkingCopyState;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A VM's guest state between its working copy and its home, in the steps of a life. All methods throw {@link
 * RefusedException}, and leave everything as it was then.
 */
public final class GuestStates {
    private static final Logger LOG = LoggerFactory.getLogger(GuestStates.class);

    private final WorkingCopies copies;
    private final Homes homes;
    private final VmRecordStore records;
    private final GuestStateKeeper keeper;
    private final Secrets secrets;
    private final SecureRandom random;
    private final Failpoints failpoints;
    private final Map<UUID, Long> escrowed = new ConcurrentHashMap<>();
    /** Of which life this process has seen the guest. */
    private final Map<UUID, Long> watched = new ConcurrentHashMap<>();

    private interface Act<T> {
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
        this.homes = homes;
        this.records = records;
        this.keeper = keeper;
        this.secrets = secrets;
        this.random = random;
        this.failpoints = failpoints;
    }

    /** What is damaged, and whole again later, somebody brought back. */
    public void notice(IncarnationFacts facts) {
        facts.domain()
                .filter(domain -> !(domain.state() instanceof DomainState.ShutOff))
                .ifPresent(domain -> watched.put(facts.vm(), domain.epoch()));
        if (facts.domain().isEmpty() && facts.workingCopy() != WorkingCopyState.WHOLE) {
            watched.remove(facts.vm());
        }
    }

    /** Opens a version that is home; it must be of the TPM on record. */
    public GuestState open(IncarnationFacts facts, GuestStateVersion version) {
        return switch (opening(facts, version)) {
            case Opening.Opened(GuestState state) -> state;
            case Opening.Refused refused -> throw unusable(facts, version, refused);
        };
    }

    private Opening opening(IncarnationFacts facts, GuestStateVersion version) {
        byte[] file = reading(version, () -> home(facts).read(version));
        try (GuestStateKey key = secrets.guestStateKey(facts)) {
            return SealedGuestState.open(file, facts.vm(), version, key);
        }
    }

    /** Why nothing is begun while such a state is home: sealed with the VM's key, or by whoever can write there. */
    public RefusedException ofLaterEpoch(IncarnationFacts facts, GuestStateVersion version) {
        String found = "the VM's home " + facts.homeFolder().path() + " holds " + GuestStateName.of(version)
                + " of a later epoch than this one (" + facts.epoch() + "), ";
        return switch (opening(facts, version)) {
            case Opening.Opened whole ->
                new RefusedException(
                        Reason.GuestStateOfLaterEpoch,
                        found + "and it is the VM's own. If the VM's record was restored from a backup, stop the VM"
                                + " (runStrategy: Halted) and start it again, until its epoch is higher");
            case Opening.Refused refused ->
                new RefusedException(
                        Reason.GuestStateOfLaterEpoch,
                        found + "and " + refused.message() + ". If the VM's record was restored from a backup, bring"
                                + " the file back as it was; if no such epoch ever was, somebody put it there: move it"
                                + " out of the folder");
        };
    }

    /**
     * Claims the home for this life: its escrow, if there is one, then the state that it begins with, durable as its first
     * generation. A claim that this life made before is found again.
     */
    public GuestStateVersion claim(IncarnationFacts facts, String ekDigest) {
        return writing(() -> {
            Home home = home(facts);
            List<GuestStateVersion> there = home.versions();
            requireLatest(facts, there);
            writeEscrow(facts, home);
            boolean claimed = there.stream().anyMatch(version -> version.epoch() == facts.epoch());
            if (!claimed) {
                setRejectedAside(facts, home, there);
            }
            try (SealedLine line = line(facts, facts.epoch(), home, ekDigest)) {
                if (line.fault().isPresent()) {
                    throw unusable(
                            facts, line.newest().orElseThrow(), line.fault().get());
                }
                if (line.newest().isEmpty()) {
                    line.seal(() -> copies.read(facts.vm()));
                }
                GuestStateVersion claim = line.newest().orElseThrow();
                remember(facts.vm(), claim);
                return claim;
            }
        });
    }

    /** Of a guest that runs since before there was a recovery certificate; once, as far as this process knows. */
    private void keepEscrow(IncarnationFacts facts) {
        if (facts.spec().escrow() != null && !Long.valueOf(facts.epoch()).equals(escrowed.get(facts.vm()))) {
            writeEscrow(facts, home(facts));
        }
    }

    private void writeEscrow(IncarnationFacts facts, Home home) {
        String escrow = facts.spec().escrow();
        if (escrow == null) {
            return;
        }
        try {
            home.keepEscrow(facts.epoch(), Base64.getDecoder().decode(escrow));
            escrowed.put(facts.vm(), facts.epoch());
        } catch (IOException e) {
            throw new RefusedException(
                    NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.EscrowNotWritten,
                    "the protection key, sealed for the recovery key, cannot be written to the VM's folder: "
                            + e.getMessage(),
                    e);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.EscrowNotWritten, "the escrow is not base64", e);
        }
    }

    /**
     * Writes the UEFI variables of a guest that has come from another host, as that host sealed them last: QEMU holds
     * them too, and writes them when the guest goes on. Returns the version that they are of.
     *
     * @param present what was written before
     */
    public GuestStateVersion completeVariables(IncarnationFacts facts, Optional<GuestStateVersion> present) {
        GuestStateVersion newest = newest(facts);
        if (!present.equals(Optional.of(newest))) {
            copies.completeVariables(facts.vm(), open(facts, newest).variables());
        }
        return newest;
    }

    /** What is home of a guest that is to come. */
    GuestState openNewest(IncarnationFacts facts) {
        return open(facts, newest(facts));
    }

    private GuestStateVersion newest(IncarnationFacts facts) {
        return writing(() -> home(facts).versions()).stream()
                .filter(version -> version.epoch() <= facts.epoch())
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        Reason.GuestStateMissing,
                        "the VM's home " + facts.homeFolder().path()
                                + " holds no guest state any more: bring its guest-state files back"));
    }

    /** Seals what the guest has changed last, as far as that goes; what is not sealed stays in the working copy. */
    public void sealWhatIsLeft(IncarnationFacts facts) {
        try {
            if (keeper.keeps(facts.vm(), facts.epoch())) {
                keeper.seal(facts.vm());
            } else {
                sealLastState(facts, facts.epoch(), lastWatched -> {});
            }
        } catch (RefusedException e) {
            LOG.warn("VM {}: {}", facts.vm(), e.getMessage());
        }
    }

    /** Seals whatever the guest changes from now on; nothing to do where that is done already. */
    public void keep(IncarnationFacts facts) {
        if (keeper.keeps(facts.vm(), facts.epoch())) {
            return;
        }
        writing(() -> {
            keeper.begin(line(facts, facts.epoch(), home(facts), ekDigest(facts)), copies.of(facts.vm()));
            return null;
        });
    }

    /** Does the same of a running guest, which is not stopped when it fails. Returns how far its state is sealed. */
    public Optional<SealingState> keepSealed(IncarnationFacts facts) {
        try {
            keep(facts);
            keepEscrow(facts);
            return keeper.state(facts.vm());
        } catch (RefusedException e) {
            return Optional.of(
                    new SealingState(Optional.empty(), Optional.of(new Problem(e.reason(), e.getMessage()))));
        }
    }

    /** Removes the working copy and the secret that opens it: they are home, or are deleted with the VM. */
    public void eraseCopy(UUID vm) {
        keeper.end(vm);
        copies.erase(vm);
    }

    public void setCopyAside(UUID vm) {
        keeper.end(vm);
        copies.setAside(vm);
    }

    /**
     * Seals what a guest left behind, under its own epoch; from then on the working copy holds nothing of its own.
     *
     * @param unwatched told first where that was changed while no agent watched: of the last version that one did watch
     */
    public void sealLastState(IncarnationFacts facts, long epoch, Consumer<GuestStateVersion> unwatched) {
        keeper.end(facts.vm());
        writing(() -> {
            SealedLine.Source copy = () -> copies.read(facts.vm());
            try (SealedLine line = line(facts, epoch, home(facts), ekDigest(facts))) {
                if (endedUnwatched(facts, epoch) && line.lacks(copy.read())) {
                    lastSealed(facts).ifPresent(unwatched);
                }
                line.seal(copy);
                remember(facts.vm(), line.newest().orElseThrow());
            }
            return null;
        });
        records.update(facts.vm(), record -> record.withState(record.state().completedBy(epoch)));
        failpoints.reached(Failpoint.AGENT_LAST_STATE_SEALED);
    }

    /** A guest that has left, or that another life has followed, leaves nothing that anything is begun with. */
    private boolean endedUnwatched(IncarnationFacts facts, long epoch) {
        boolean left = records.require(facts.vm())
                .exitOf(epoch)
                .filter(exit -> exit == Exit.Migrated)
                .isPresent();
        boolean followed =
                facts.home().newest().filter(newest -> newest.epoch() > epoch).isPresent();
        return !left && !followed && !Long.valueOf(epoch).equals(watched.get(facts.vm()));
    }

    /** What this agent sealed last, whether the home still has it or not. */
    private Optional<GuestStateVersion> lastSealed(IncarnationFacts facts) {
        return Optional.ofNullable(records.require(facts.vm()).state().newest())
                .or(() -> Optional.ofNullable(facts.spec().guestStateFloor()));
    }

    private SealedLine line(IncarnationFacts facts, long epoch, Home home, String ekDigest) throws IOException {
        UUID vm = facts.vm();
        Optional<GuestStateVersion> last =
                Optional.ofNullable(records.require(vm).state().newest());
        return SealedLine.open(epoch, last, ekDigest, home, secrets.guestStateKey(facts), random, version -> {
            remember(vm, version);
            failpoints.reached(Failpoint.AGENT_GUEST_STATE_SEALED);
        });
    }

    private void remember(UUID vm, GuestStateVersion version) {
        records.update(vm, record -> record.withState(record.state().sealed(version)));
    }

    private void requireLatest(IncarnationFacts facts, List<GuestStateVersion> there) {
        if (!there.isEmpty() && there.getFirst().epoch() > facts.epoch()) {
            throw ofLaterEpoch(facts, there.getFirst());
        }
    }

    /**
     * What is newer than the state that somebody approved must not be taken by a later start, nor be pruned away. Until
     * the claim is durable, a start without the approval is refused: what is left is older than the record says.
     */
    private static void setRejectedAside(IncarnationFacts facts, Home home, List<GuestStateVersion> there)
            throws IOException {
        GuestStateVersion approved = facts.spec().approvedGuestState();
        if (approved == null || !there.contains(approved)) {
            return;
        }
        for (GuestStateVersion version : there) {
            if (version.compareTo(approved) > 0) {
                home.setAside(version);
            }
        }
    }

    private Home home(IncarnationFacts facts) {
        return homes.at(facts.homeFolder());
    }

    private String ekDigest(IncarnationFacts facts) {
        return Optional.ofNullable(records.require(facts.vm()).ekDigest())
                .or(() -> Optional.ofNullable(facts.spec().ekDigest()))
                .orElseGet(() -> copies.probe(facts).digest());
    }

    private static <T> T reading(GuestStateVersion version, Act<T> act) {
        try {
            return act.run();
        } catch (NoSuchFileException e) {
            throw new RefusedException(Reason.GuestStateMissing, "guest state " + version + " went away meanwhile", e);
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.GuestStateUnreadable,
                    "guest state " + version + " cannot be read: " + e.getMessage()
                            + "; look after the storage location",
                    e);
        }
    }

    private static <T> T writing(Act<T> act) {
        try {
            return act.run();
        } catch (IOException e) {
            throw new RefusedException(
                    NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.GuestStateNotSealed,
                    "the guest state cannot be sealed to the VM's home: " + e.getMessage(),
                    e);
        }
    }

    private static RefusedException unusable(
            IncarnationFacts facts, GuestStateVersion version, Opening.Refused refused) {
        boolean approved = version.equals(facts.spec().approvedGuestState());
        return new RefusedException(
                approved ? Reason.GuestStateNotApproved : refused.fault().reason(),
                refused.message() + ". Bring back the file as it was, or approve " + (approved ? "another" : "an older")
                        + " one of the VM's home with spec.approveGuestState");
    }
}
