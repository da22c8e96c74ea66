package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.console.FirmwareMessages;
import io.trustedlaunch.agent.guestinfo.GuestInfoCache;
import io.trustedlaunch.agent.guestinfo.GuestInfoReport;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.SealingState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Watches a running guest: seals its state as it changes, changes its devices as the spec does, reports its addresses and what it says of itself, and keeps its
 * console's log short.
 */
final class GuestWatch {
    private static final Duration UNTIL_ADDRESSES = Duration.ofSeconds(5);

    private final WorkingCopies copies;
    private final GuestStates states;
    private final Hypervisor hypervisor;
    private final GuestInfoCache guestInfos;
    private final ConsoleLogs consoleLogs;
    private final IncarnationHook hook;
    private final DeviceChanger changer;
    private final StatusReporter reporter;
    private final Failpoints failpoints;

    GuestWatch(
            WorkingCopies copies,
            GuestStates states,
            Hypervisor hypervisor,
            GuestInfoCache guestInfos,
            ConsoleLogs consoleLogs,
            IncarnationHook hook,
            DeviceChanger changer,
            StatusReporter reporter,
            Failpoints failpoints) {
        this.copies = copies;
        this.states = states;
        this.hypervisor = hypervisor;
        this.guestInfos = guestInfos;
        this.consoleLogs = consoleLogs;
        this.hook = hook;
        this.changer = changer;
        this.reporter = reporter;
        this.failpoints = failpoints;
    }

    /** A guest that has just been resumed is reported at once, without addresses. */
    Requeue watch(IncarnationFacts facts) {
        consoleLogs.limit(facts.vm());
        IncarnationStatus statuses = new IncarnationStatus(facts.incarnation());
        Optional<SealingState> sealing = states.keepSealed(facts);
        // A status that was lost in the middle of a migration has only the migration again.
        if (!facts.reportedRunning() || lacksKey(facts)) {
            VMIncarnationStatus status = lacksKey(facts)
                    ? statuses.arrived(copies.probe(facts), newest(facts, sealing))
                    : statuses.running(List.of(), sealing, facts.vtpm(), Optional.empty(), Optional.empty());
            reporter.report(facts.incarnation(), withMachine(facts, status));
            failpoints.reached(Failpoint.AGENT_RUNNING_REPORTED);
            return Requeue.after(UNTIL_ADDRESSES);
        }
        Optional<AppliedDevices> devices = changer.change(facts);
        Optional<GuestInfo> said = guestInfos.latest(facts.vm(), facts.spec().epoch());
        List<IpAddress> addresses = hypervisor.addresses(facts.vm());
        Optional<Problem> untilRestart = hook.untilRestart(facts.vm());
        VMIncarnationStatus status = withGuest(
                statuses.running(addresses, sealing, facts.vtpm(), untilRestart, refusal(facts)), said, facts.now());
        reporter.reportRunning(facts.incarnation(), withMachine(facts, withDevices(status, devices)), facts.now());
        List<Nic> nics = facts.spec().machineNow().nics();
        boolean isWaiting = devices.map(AppliedDevices::reason).isPresent();
        return !isWaiting && (nics.isEmpty() || !addresses.isEmpty())
                ? Requeue.atResync()
                : Requeue.after(UNTIL_ADDRESSES);
    }

    private Optional<Problem> refusal(IncarnationFacts facts) {
        return FirmwareMessages.refusal(consoleLogs.recent(facts.vm()))
                .map(words -> new Problem(
                        Reason.BootLoaderRefused,
                        "the guest's firmware has refused to start its boot loader, and Secure Boot is why: " + words
                                + ". Create the VM from an image whose boot loader is signed by Microsoft, as shim is, or repair"
                                + " the disk from another VM"));
    }

    private static VMIncarnationStatus withGuest(VMIncarnationStatus status, Optional<GuestInfo> said, Instant now) {
        return VMIncarnationStatusBuilder.builder(status)
                .guest(GuestInfoReport.next(Optional.ofNullable(status.guest()), said, now)
                        .orElse(null))
                .build();
    }

    /** Devices that were added have places, too. */
    private static VMIncarnationStatus withDevices(VMIncarnationStatus status, Optional<AppliedDevices> devices) {
        return devices.filter(now -> !now.equals(status.devices()))
                .map(now -> VMIncarnationStatusBuilder.builder(status)
                        .devices(now)
                        .places(List.of())
                        .build())
                .orElse(status);
    }

    /** No device moves while the guest runs, and its processors stay as they are. */
    private VMIncarnationStatus withMachine(IncarnationFacts facts, VMIncarnationStatus status) {
        VMIncarnationStatusBuilder known = VMIncarnationStatusBuilder.builder(status);
        if (status.places().isEmpty()) {
            known.places(hypervisor.places(facts.vm(), facts.spec().machineNow()));
        }
        if (status.nested() == null) {
            known.nested(hypervisor.nested(facts.vm()).orElse(null));
        }
        return known.build();
    }

    /** The guest has arrived, or its status was lost. Without the VM's key, its TPM cannot be read. */
    private static boolean lacksKey(IncarnationFacts facts) {
        boolean canRead = facts.spec().arrival() != null || facts.spec().envelope() != null;
        return canRead && facts.reported().map(VMIncarnationStatus::ekPublic).isEmpty();
    }

    private static Optional<Sealed> newest(IncarnationFacts facts, Optional<SealingState> sealing) {
        return sealing.flatMap(SealingState::newest)
                .or(() -> facts.newestKnown().map(version -> new Sealed(version, facts.now(), Optional.empty())));
    }
}
