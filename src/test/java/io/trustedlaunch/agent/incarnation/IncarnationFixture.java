package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import java.util.List;
import java.util.UUID;

/** Incarnations to start a test from. */
public final class IncarnationFixture {
    public static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    public static final UUID IMAGE = UUID.fromString("0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11");
    public static final String NODE = "host-a";
    public static final String EK = "e".repeat(64);

    private IncarnationFixture() {}

    public static VMIncarnation incarnation(long epoch, DesiredState desired) {
        return incarnation(epoch, desired, machine("/var/lib/trusted-launch/vms", "0".repeat(64)), null);
    }

    public static VMIncarnation incarnation(long epoch, DesiredState desired, Machine machine, String envelope) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withName(VMIncarnation.nameOf(VM.toString(), epoch))
                .withNamespace("trusted-launch-system")
                .withUid("incarnation-" + epoch)
                .withResourceVersion("1")
                .withGeneration(1L)
                .build());
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef("finance", "payroll", VM.toString(), null))
                .epoch(epoch)
                .nodeName(NODE)
                .desiredState(desired)
                .machine(machine)
                .firstStart(epoch == 1)
                .ekDigest(epoch == 1 ? null : EK)
                .envelope(envelope)
                .build());
        return incarnation;
    }

    public static VMIncarnationSpec moving(VMIncarnationSpec spec, Arrival arrival, Departure departure) {
        return VMIncarnationSpecBuilder.builder(spec)
                .arrival(arrival)
                .departure(departure)
                .build();
    }

    /** A life that takes the guest of the epoch before over, from another node. */
    public static VMIncarnation arriving(long epoch, DesiredState desired, boolean left) {
        VMIncarnation incarnation = incarnation(epoch, desired);
        incarnation.setSpec(moving(incarnation.getSpec(), new Arrival(epoch - 1, "host-z", left, false), null));
        return incarnation;
    }

    /** A life whose guest is to go to another node, as the next epoch. */
    public static VMIncarnation departing(long epoch, DesiredState desired, boolean cancelled) {
        VMIncarnation incarnation = incarnation(epoch, desired);
        incarnation.setSpec(moving(incarnation.getSpec(), null, departure(epoch + 1, cancelled)));
        return incarnation;
    }

    public static Departure departure(long epoch, boolean cancelled) {
        return VMIncarnationSpecDepartureBuilder.builder()
                .epoch(epoch)
                .nodeName("host-z")
                .address("192.0.2.26")
                .port(16515)
                .cancelled(cancelled)
                .copiesDisks(false)
                .build();
    }

    /** The same life, of a VM object that took the VM over. */
    public static VMIncarnation ownedBy(String ownerUid, VMIncarnation incarnation) {
        VMIncarnationSpec spec = incarnation.getSpec();
        VmRef ref = spec.vmRef();
        VMIncarnation owned = new VMIncarnation();
        owned.setMetadata(incarnation.getMetadata());
        owned.setSpec(VMIncarnationSpecBuilder.builder(spec)
                .vmRef(new VmRef(ref.namespace(), ref.name(), ref.uid(), ownerUid))
                .arrival(null)
                .departure(null)
                .build());
        return owned;
    }

    public static VMIncarnation told(VMIncarnation incarnation, Phase phase) {
        incarnation.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .reason("Running")
                .message("")
                .ekDigest(EK)
                .exit(exit(phase))
                .build());
        return incarnation;
    }

    public static Machine machine(String location, String imageSha256) {
        VMIncarnationSpec.Location place = new VMIncarnationSpec.Location("default", location);
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(OsType.Linux)
                .cores(1)
                .memory(new Quantity("512Mi"))
                .location(place)
                .image(new VMIncarnationSpec.Image("proof", IMAGE.toString(), imageSha256))
                .osDiskSize(new Quantity("8Mi"))
                .dataDisks(List.of(new VMIncarnationSpec.Disk("data", new Quantity("4Mi"))))
                .nics(List.of(new VMIncarnationSpec.Nic("nic0", "default", "52:54:00:12:34:56")))
                .terminationGracePeriodSeconds(120)
                .build();
    }

    private static Exit exit(Phase phase) {
        return phase == Phase.Stopped || phase == Phase.Erased ? Exit.Shutdown : null;
    }
}
