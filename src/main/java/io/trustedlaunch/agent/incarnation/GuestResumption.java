package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resumes the guest of a paused domain. The order matters: the home is claimed and the endorsement key reported before the
 * guest can use either. After that the VM is read: it must name this incarnation and the endorsement key. The record that
 * the guest ran is durable before it does.
 */
final class GuestResumption {
    private static final Logger LOG = LoggerFactory.getLogger(GuestResumption.class);

    /** With less, a resumed guest would fill its disk again within moments. */
    private static final long ENOUGH_SPACE = 256L << 20;

    private static final Set<Reason> OF_FENCES =
            EnumSet.of(Reason.AwaitingFence, Reason.FenceContradicted, Reason.PowerProofRequired);

    /** The operator usually records a key within this time. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(250);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final GuestDomains domains;
    private final FolderAccess folders;
    private final IncarnationHook hook;
    private final OpenedDisks opened;
    private final EkReadings readings;
    private final EkCheck ekCheck;
    private final GuestStates states;
    private final VmRecordStore records;
    private final StatusReporter reporter;
    private final Supplier<String> leader;
    private final Failpoints failpoints;
    private final InstantSource clock;
    /** When the endorsement keys were reported that the VMs' status do not name yet. */
    private final Map<UUID, Instant> reportedSince = new ConcurrentHashMap<>();

    GuestResumption(
            GuestDomains domains,
            FolderAccess folders,
            IncarnationHook hook,
            OpenedDisks opened,
            EkReadings readings,
            EkCheck ekCheck,
            GuestStates states,
            VmRecordStore records,
            StatusReporter reporter,
            Supplier<String> leader,
            Failpoints failpoints,
            InstantSource clock) {
        this.domains = domains;
        this.folders = folders;
        this.hook = hook;
        this.opened = opened;
        this.readings = readings;
        this.ekCheck = ekCheck;
        this.states = states;
        this.records = records;
        this.reporter = reporter;
        this.leader = leader;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    Requeue resume(IncarnationFacts facts) {
        UUID vm = facts.vm();
        Ek ek = readings.await(facts);
        failpoints.reached(Failpoint.AGENT_EK_PROBED);
        requireOnRecord(facts, ek);
        Instant since = Optional.ofNullable(reportedSince.remove(vm)).orElse(clock.instant());
        Step claimed = claim(facts, ek);
        if (claimed == Step.REOPEN) {
            return Requeue.now();
        }
        Optional<Permit> entered =
                claimed == Step.DONE ? entered(facts, () -> folders.toResume(facts, ek)) : Optional.empty();
        if (entered.isEmpty()) {
            reportedSince.put(vm, since);
            return Requeue.after(untilRecorded(since));
        }
        try (Permit permit = entered.get()) {
            failpoints.reached(Failpoint.AGENT_OWNERSHIP_READ);
            states.keep(facts);
            records.update(vm, record -> record.resumed(facts.epoch()));
            failpoints.reached(Failpoint.AGENT_RESUME_RECORDED);
            domains.resume(permit, vm);
            failpoints.reached(Failpoint.AGENT_RESUMED);
            opened.forget(vm);
            readings.forget(vm);
            return Requeue.now();
        }
    }

    private enum Step {
        DONE,
        /** It is to be tried again soon. */
        AWAITED,
        /** Disks and working copy may be outdated. */
        REOPEN
    }

    /** Should another node be alive after all, what its guest writes before this stays the newest. */
    private Step claim(IncarnationFacts facts, Ek ek) {
        if (!opened.areCovered(facts)) {
            reopen(facts, "its disks were opened too long ago to know that no dead node has written to them since");
            return Step.REOPEN;
        }
        Optional<Permit> entered = entered(facts, () -> folders.toClaim(facts));
        if (entered.isEmpty()) {
            return Step.AWAITED;
        }
        try (Permit permit = entered.get()) {
            if (!states.isCopyOfNewest(facts)) {
                reopen(facts, "its home has newer guest state than its working copy was made from");
                return Step.REOPEN;
            }
            GuestStateVersion claim = states.claim(permit, facts, ek.digest());
            failpoints.reached(Failpoint.AGENT_HOME_CLAIMED);
            reporter.report(
                    facts.incarnation(),
                    new IncarnationStatus(facts.incarnation())
                            .prepared(ek, new Sealed(claim, clock.instant(), Optional.empty()), leader.get()));
            failpoints.reached(Failpoint.AGENT_EK_REPORTED);
            return Step.DONE;
        }
    }

    private void reopen(IncarnationFacts facts, String why) {
        LOG.warn("VM {}: {}; its domain is made anew", facts.vm(), why);
        domains.end(facts.vm());
    }

    /** A node that is not dead after all may write to the disks: they are closed until it is known again that none does. */
    private Optional<Permit> entered(IncarnationFacts facts, Supplier<Optional<Permit>> entry) {
        try {
            return entry.get();
        } catch (RefusedException e) {
            if (OF_FENCES.contains(e.reason())) {
                domains.end(facts.vm());
            }
            throw e;
        }
    }

    /** Agents may not watch VMs; the longer one has waited, the less often it is read. */
    private Duration untilRecorded(Instant since) {
        Duration waited = Duration.between(since, clock.instant());
        if (waited.compareTo(SHORTEST_WAIT) < 0) {
            return SHORTEST_WAIT;
        }
        return waited.compareTo(LONGEST_WAIT) < 0 ? waited : LONGEST_WAIT;
    }

    /** The guest has run in this incarnation, so that only its ownership is checked again. */
    boolean resumeIfDisksHaveSpace(IncarnationFacts facts) {
        Path location = Path.of(facts.spec().machineNow().location().path());
        if (location.toFile().getUsableSpace() < ENOUGH_SPACE) {
            return false;
        }
        if (facts.diskFill()
                .filter(fill -> !hook.isReadable(facts.homeFolder(), fill))
                .isPresent()) {
            return false;
        }
        Optional<Permit> entered = folders.toContinue(facts);
        if (entered.isEmpty()) {
            return false;
        }
        try (Permit permit = entered.get()) {
            domains.resume(permit, facts.vm());
            return true;
        }
    }

    /** The domain of another TPM is removed; its files stay, for inspection. */
    private void requireOnRecord(IncarnationFacts facts, Ek found) {
        if (!ekCheck.isOnRecord(facts, found)) {
            domains.end(facts.vm());
            throw ekCheck.mismatch(facts, found);
        }
        ekCheck.record(facts, found);
    }
}
