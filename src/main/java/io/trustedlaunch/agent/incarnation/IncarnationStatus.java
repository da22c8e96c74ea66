package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.util.List;
import java.util.Optional;

/**
 * What is told of an incarnation; pure. A status is written whole, so that each carries on what was found before: the
 * endorsement key and the addresses.
 */
final class IncarnationStatus {
    private final VMIncarnation incarnation;
    private final Optional<VMIncarnationStatus> told;

    IncarnationStatus(VMIncarnation incarnation) {
        this.incarnation = incarnation;
        this.told = Optional.ofNullable(incarnation.getStatus());
    }

    VMIncarnationStatus preparing(String message) {
        return status(Phase.Preparing, Reason.Starting, message, null);
    }

    VMIncarnationStatus prepared(Ek ek) {
        return new VMIncarnationStatus(
                incarnation.getMetadata().getGeneration(),
                Phase.Prepared,
                Reason.Starting.name(),
                "the machine is ready; its guest has not run",
                ek.digest(),
                ek.publicArea(),
                interfaces(List.of()),
                null,
                null);
    }

    /** @param addresses as far as they are known: what was known before is kept while nobody says otherwise */
    VMIncarnationStatus running(List<IpAddress> addresses) {
        VMIncarnationStatus status = status(Phase.Running, Reason.Running, "the guest runs", null);
        return addresses.isEmpty() ? status : withInterfaces(status, interfaces(addresses));
    }

    VMIncarnationStatus paused(String message) {
        return status(Phase.Running, Reason.GuestPaused, message, null);
    }

    VMIncarnationStatus ended(Exit exit) {
        String message = switch (exit) {
            case NeverRan -> "the guest was never let run";
            case Shutdown -> "the guest shut down";
            case Crashed -> "the guest crashed, or its host did";
            case PoweredOff -> "the guest's power was cut";
        };
        return status(Phase.Stopped, Reason.Stopped, message, exit);
    }

    /** What was told of an end before stays: a life that ended is not told of again because another began. */
    VMIncarnationStatus superseded(Exit exit) {
        boolean overBefore = told.map(VMIncarnationStatus::phase)
                .filter(phase -> phase == Phase.Stopped || phase == Phase.Erased)
                .isPresent();
        return overBefore
                ? told.get()
                : status(Phase.Stopped, Reason.EpochSuperseded, "a later epoch of this VM was seen on this node", exit);
    }

    VMIncarnationStatus erased(Exit exit) {
        return status(Phase.Erased, Reason.Stopped, "nothing of the VM is left on this node", exit);
    }

    /** What keeps it from going on. It stands where it stood. */
    VMIncarnationStatus hindered(Reason reason, String message) {
        return status(
                phaseWhenHindered(),
                reason,
                message,
                told.map(VMIncarnationStatus::exit).orElse(null));
    }

    private Phase phaseWhenHindered() {
        return told.map(VMIncarnationStatus::phase)
                .orElse(
                        incarnation.getSpec().desiredState() == DesiredState.Running
                                ? Phase.Preparing
                                : Phase.Stopping);
    }

    private VMIncarnationStatus status(Phase phase, Reason reason, String message, Exit exit) {
        return new VMIncarnationStatus(
                incarnation.getMetadata().getGeneration(),
                phase,
                reason.name(),
                message,
                told.map(VMIncarnationStatus::ekDigest).orElse(null),
                told.map(VMIncarnationStatus::ekPublic).orElse(null),
                told.map(VMIncarnationStatus::networkInterfaces).orElse(null),
                told.map(VMIncarnationStatus::guestState).orElse(null),
                exit);
    }

    private static VMIncarnationStatus withInterfaces(VMIncarnationStatus status, List<Interface> interfaces) {
        return new VMIncarnationStatus(
                status.observedGeneration(),
                status.phase(),
                status.reason(),
                status.message(),
                status.ekDigest(),
                status.ekPublic(),
                interfaces,
                status.guestState(),
                status.exit());
    }

    private List<Interface> interfaces(List<IpAddress> addresses) {
        List<Nic> nics =
                Optional.ofNullable(incarnation.getSpec().machine().nics()).orElse(List.of());
        return nics.isEmpty()
                ? null
                : nics.stream().map(nic -> withAddresses(nic, addresses)).toList();
    }

    /** Sorted, so that the same addresses are the same status. */
    private static Interface withAddresses(Nic nic, List<IpAddress> addresses) {
        List<String> own = addresses.stream()
                .filter(address -> address.mac().equalsIgnoreCase(nic.mac()))
                .map(IpAddress::text)
                .distinct()
                .sorted()
                .toList();
        return new Interface(nic.name(), nic.mac(), own);
    }
}
