package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.Ek;
import io.trustedlaunch.agent.incarnation.state.ExpectedTpms;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.Host;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a paused domain to a running guest. The order is the protocol: the home is claimed, and the endorsement key on
 * record, before the guest can use either, the VM is asked whose it is after that, and that the guest was let run is on this host's disk before it
 * happens.
 */
final class GuestRelease {
    private static final Logger LOG = LoggerFactory.getLogger(GuestRelease.class);

    /** With less, a guest that goes on would stand still again within moments. */
    private static final long ROOM = 256L << 20;

    private final Host host;
    private final Secrets secrets;
    private final GuestStates states;
    private final Ownership.Reader owners;
    private final StatusReporter teller;
    private final Failpoints failpoints;
    private final InstantSource clock;
    private final ExpectedTpms awaited;
    private final Map<UUID, Foreseen> foreseen = new ConcurrentHashMap<>();

    /**
     * Of a guest that stands still, and so stays what it is.
     *
     * @param variables the guest state at home that its UEFI variables were taken from
     */
    private record Foreseen(long epoch, Ek ek, GuestStateVersion variables) {}

    GuestRelease(
            Host host,
            Secrets secrets,
            GuestStates states,
            Ownership.Reader owners,
            StatusReporter teller,
            Failpoints failpoints,
            InstantSource clock) {
        this.host = host;
        this.secrets = secrets;
        this.states = states;
        this.clock = clock;
        this.owners = owners;
        this.teller = teller;
        this.failpoints = failpoints;
        this.awaited = new ExpectedTpms(host, secrets, states);
    }

    void letRun(IncarnationFacts facts) {
        UUID vm = facts.vm();
        Ek ek = probe(facts);
        failpoints.reached(Failpoint.AGENT_EK_PROBED);
        requireSameKey(facts, ek);
        GuestStateVersion claim = states.claim(facts, ek.digest());
        failpoints.reached(Failpoint.AGENT_HOME_CLAIMED);
        teller.tell(
                facts.incarnation(),
                new IncarnationStatus(facts.incarnation())
                        .prepared(ek, new Sealed(claim, clock.instant(), Optional.empty())));
        failpoints.reached(Failpoint.AGENT_EK_REPORTED);
        requireOwnership(facts, owners.read(facts.spec().vmRef()));
        failpoints.reached(Failpoint.AGENT_OWNERSHIP_READ);
        states.keep(facts);
        host.memory().change(vm, record -> record.resumed(facts.epoch()));
        failpoints.reached(Failpoint.AGENT_RESUME_REMEMBERED);
        host.hypervisor().resume(vm);
        failpoints.reached(Failpoint.AGENT_RESUMED);
    }

    /**
     * The same for a guest that came from another host and has left there. Nobody is asked whose it is: no other life is
     * begun while the one there is not over, and its end there is what let this one go on. Nothing is told before it runs,
     * for it stands still meanwhile.
     */
    void takeOver(IncarnationFacts facts) {
        UUID vm = facts.vm();
        if (!facts.wasLetRun(facts.epoch())) {
            Optional<Foreseen> known =
                    Optional.ofNullable(foreseen.remove(vm)).filter(before -> before.epoch() == facts.epoch());
            Ek ek = known.map(Foreseen::ek).orElseGet(() -> awaited.probe(facts));
            failpoints.reached(Failpoint.TARGET_EK_PROBED);
            if (!isSameKey(facts, ek)) {
                throw otherKey(facts, ek);
            }
            host.memory().change(vm, record -> record.withEk(ek.digest()));
            states.completeVariables(facts, known.map(Foreseen::variables));
            failpoints.reached(Failpoint.TARGET_VARIABLES_COMPLETED);
            states.claim(facts, ek.digest());
            failpoints.reached(Failpoint.TARGET_HOME_CLAIMED);
            host.memory().change(vm, record -> record.resumed(facts.epoch()));
            failpoints.reached(Failpoint.TARGET_RESUME_REMEMBERED);
        }
        host.hypervisor().resume(vm);
        failpoints.reached(Failpoint.TARGET_RESUMED);
    }

    /**
     * While a guest is on its way, and when it is whole and waits for the word: does what of its taking over nobody has to be
     * asked for. What does not succeed now is done, and told, then.
     */
    void lookAhead(IncarnationFacts facts) {
        boolean whole = facts.domain()
                .filter(domain -> domain.state().equals(new DomainState.Paused(DomainState.PauseReason.REQUESTED)))
                .isPresent();
        if (!whole) {
            awaited.learn(facts);
            return;
        }
        Foreseen before = foreseen.get(facts.vm());
        if (before != null && before.epoch() == facts.epoch()) {
            return;
        }
        try {
            Ek ek = awaited.probe(facts);
            if (isSameKey(facts, ek)) {
                host.memory().change(facts.vm(), record -> record.withEk(ek.digest()));
                GuestStateVersion variables = states.completeVariables(facts, Optional.empty());
                foreseen.put(facts.vm(), new Foreseen(facts.epoch(), ek, variables));
            }
        } catch (RefusedException | HypervisorException e) {
            LOG.debug("VM {}: {}", facts.vm(), e.getMessage());
        }
    }

    /** The guest ran before, in this life; all that is asked again is whose it is. */
    boolean resumeIfDisksHaveRoom(IncarnationFacts facts) {
        Path location = Path.of(facts.spec().machine().location().path());
        if (location.toFile().getUsableSpace() < ROOM) {
            return false;
        }
        requireOwnership(facts, owners.read(facts.spec().vmRef()));
        host.hypervisor().resume(facts.vm());
        return true;
    }

    Ek probe(IncarnationFacts facts) {
        try (TpmSecret secret = secrets.tpmSecret(facts)) {
            return host.tpms().probe(host.hypervisor().workingCopy(facts.vm()), secret);
        }
    }

    /** Another key is another TPM: the domain goes, and every file stays for whoever looks into it. */
    private void requireSameKey(IncarnationFacts facts, Ek found) {
        if (!isSameKey(facts, found)) {
            host.hypervisor().destroy(facts.vm());
            throw otherKey(facts, found);
        }
        host.memory().change(facts.vm(), known -> known.withEk(found.digest()));
    }

    private boolean isSameKey(IncarnationFacts facts, Ek found) {
        return onRecord(facts).allMatch(found.digest()::equals);
    }

    private RefusedException otherKey(IncarnationFacts facts, Ek found) {
        return new RefusedException(
                Reason.EkMismatch,
                "the TPM's endorsement key is " + found.digest() + ", on record is "
                        + onRecord(facts).findFirst().orElseThrow()
                        + ": its state was replaced; bring back the one that belongs to this VM");
    }

    private Stream<String> onRecord(IncarnationFacts facts) {
        return Stream.of(
                        facts.spec().ekDigest(), host.memory().known(facts.vm()).ekDigest())
                .filter(Objects::nonNull);
    }

    private void requireOwnership(IncarnationFacts facts, Ownership ownership) {
        switch (ownership) {
            case Ownership.Unread(String why) ->
                throw new RefusedException(
                        Reason.OwnershipUnread, "the VM cannot be read, so that its guest is not let run: " + why);
            case Ownership.Absent absent ->
                throw new RefusedException(Reason.NotTheOwner, "the VM is gone; its guest is not let run");
            case Ownership.Found found -> {
                if (!found.uid().equals(facts.spec().vmRef().owner())) {
                    throw new RefusedException(
                            Reason.NotTheOwner,
                            "another VM has this name now; the guest of the old one is not let run");
                }
                if (found.epoch() != facts.epoch() || !host.nodeName().equals(found.nodeName())) {
                    throw new RefusedException(
                            Reason.NotTheOwner,
                            "the VM is at epoch " + found.epoch() + " on node " + found.nodeName() + "; this is epoch "
                                    + facts.epoch() + " on node " + host.nodeName());
                }
                if (found.deleting()) {
                    throw new RefusedException(Reason.NotTheOwner, "the VM is being deleted; its guest is not let run");
                }
            }
        }
    }
}
