package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import java.util.List;
import java.util.function.UnaryOperator;

/** Valid incarnations of the VM in {@link Vms}; a test changes by name what it is about. */
public final class Incarnations {
    /** The operator that leads. */
    public static final String LEADER = "operator-1";

    /** UID of the cluster. */
    public static final String CLUSTER = "6b1f4ad2-0c0e-4f0e-9a51-2f6f1c1d7e01";

    public static final String NAMESPACE = "trusted-launch-system";

    private Incarnations() {}

    /** Its guest runs, and is to have another revision of its devices. */
    public static VMIncarnation changing(long epoch, long revision, AppliedDevices applied) {
        VMIncarnationSpec spec = spec(epoch).build();
        Machine machine = spec.machine();
        return incarnation(
                VMIncarnationSpecBuilder.builder(spec)
                        .devices(new Devices(
                                revision,
                                machine.osDiskSize(),
                                machine.dataDisks(),
                                machine.removedDisks(),
                                machine.nics()))
                        .build(),
                reported(Phase.Running).devices(applied).build());
    }

    /** As the API server has it; its name follows from the spec. */
    public static VMIncarnation incarnation(VMIncarnationSpec spec, VMIncarnationStatus status) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(VMIncarnation.nameOf(spec.vmRef().uid(), spec.epoch()))
                .withUid("incarnation-" + spec.epoch())
                .withResourceVersion("1")
                .withGeneration(1L)
                .build());
        incarnation.setSpec(spec);
        incarnation.setStatus(status);
        return incarnation;
    }

    /** To run on host-a. */
    public static VMIncarnationSpecBuilder spec(long epoch) {
        return VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null))
                .cluster(CLUSTER)
                .epoch(epoch)
                .nodeName("host-a")
                .desiredState(DesiredState.Running)
                .terminationGracePeriodSeconds(120)
                .machine(machine().build())
                .firstStart(epoch == 1);
    }

    /** Changes the spec of a resource in place. */
    public static VMIncarnation change(VMIncarnation incarnation, UnaryOperator<VMIncarnationSpecBuilder> change) {
        incarnation.setSpec(change.apply(VMIncarnationSpecBuilder.builder(incarnation.getSpec()))
                .build());
        return incarnation;
    }

    public static VMIncarnationSpecMachineBuilder machine() {
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(OsType.Linux)
                .cores(1)
                .memory(new Quantity("512Mi"))
                .location(new Location("default", Nodes.FOLDER))
                .image(new Image(GuestImages.NAME, GuestImages.UID, GuestImages.DIGEST))
                .osDiskSize(new Quantity("8Mi"))
                .dataDisks(List.of(new Disk("data", new Quantity("4Mi"))))
                .nics(List.of(new Nic("nic0", "default", "52:54:00:12:34:56", "clean-traffic")));
    }

    /** To a node with which the folder is shared. */
    public static VMIncarnationSpecDepartureBuilder departure(long epoch, String node) {
        return VMIncarnationSpecDepartureBuilder.builder()
                .epoch(epoch)
                .nodeName(node)
                .address(Nodes.ADDRESS)
                .port(Nodes.MIGRATION_PORT)
                .pace(Pace.DEFAULT);
    }

    /** As an agent reports it that has seen the spec. */
    public static VMIncarnationStatusBuilder status(Phase phase) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .answers(phase == Phase.Prepared ? LEADER : null);
    }

    /** With the EK in {@link Vms}. */
    public static VMIncarnationStatusBuilder reported(Phase phase) {
        return status(phase).ekDigest(Vms.EK);
    }

    public static VMIncarnationStatusBuilder ended(Exit exit) {
        return reported(Phase.Stopped).exit(exit);
    }

    /** It left no trace. */
    public static VMIncarnationStatusBuilder neverRan() {
        return status(Phase.Stopped).exit(Exit.NeverRan);
    }

    public static SealedState sealed(long epoch, long generation) {
        return sealed(epoch, generation, false);
    }

    public static SealedState sealed(long epoch, long generation, boolean complete) {
        return new SealedState(new GuestStateVersion(epoch, generation), "2026-01-01T12:00:00Z", 40L, complete, null);
    }
}
