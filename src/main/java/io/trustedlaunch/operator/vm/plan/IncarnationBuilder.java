package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.StorageLocationSpec;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Failover;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.VMIncarnationSpec.Image;
import io.trustedlaunch.api.VMIncarnationSpec.Location;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.VMNetworkSpec;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Map;
import java.util.Optional;

/** Builds VMIncarnations without their envelopes. */
public final class IncarnationBuilder {
    private final VmFacts facts;
    private final String namespace;

    /** @param namespace the operator's own */
    IncarnationBuilder(VmFacts facts, String namespace) {
        this.facts = facts;
        this.namespace = namespace;
    }

    /** The incarnation of the epoch on record. */
    VMIncarnation incarnation(DesiredState desired, boolean firstStart, ImageOfVm image) {
        return incarnation(
                facts.epoch(),
                facts.nodeName().orElseThrow(),
                desired,
                machine(image),
                firstStart,
                facts.guestState().approved(),
                Optional.empty());
    }

    /** One of which a node has something; the record does not know it. */
    VMIncarnation forgotten(ReportedIncarnation seen, ImageOfVm image) {
        return incarnation(
                seen.epoch(),
                seen.node(),
                DesiredState.Erased,
                machine(image),
                false,
                Optional.empty(),
                Optional.empty());
    }

    /**
     * The incarnation that takes over a running guest, with the machine that the guest has now.
     *
     * @param left whether the guest is known to have left
     */
    VMIncarnation arriving(Migration migration, Incarnation source, boolean left) {
        return incarnation(
                migration.epoch(),
                migration.targetNode(),
                DesiredState.Running,
                source.machine(),
                false,
                Optional.empty(),
                Optional.of(new Arrival(source.epoch(), source.node(), left, copiesDisks(migration, source))));
    }

    /** As requested from the source; otherwise by the proof of sharing: an agent refuses a copy of its own folder. */
    private boolean copiesDisks(Migration migration, Incarnation source) {
        return source.requestedDeparture(migration.epoch())
                .map(Departure::copiesDisks)
                .orElseGet(() -> facts.node(migration.targetNode())
                        .filter(node ->
                                !node.sharesLocation(source.machine().location().name(), source.node()))
                        .isPresent());
    }

    private VMIncarnation incarnation(
            long epoch,
            String node,
            DesiredState desired,
            Machine machine,
            boolean firstStart,
            Optional<GuestStateVersion> approved,
            Optional<Arrival> arrival) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(VMIncarnation.nameOf(facts.uid(), epoch))
                .withLabels(Map.of(Api.LABEL_VM_UID, facts.uid()))
                .build());
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VMIncarnationSpec.VmRef(
                        facts.vm().getMetadata().getNamespace(),
                        facts.vm().getMetadata().getName(),
                        facts.uid(),
                        facts.ownerUid().equals(facts.uid()) ? null : facts.ownerUid()))
                .epoch(epoch)
                .nodeName(node)
                .bootID(facts.node(node)
                        .map(NodeInfo::status)
                        .map(ClusterNodeStatus::bootID)
                        .orElse(null))
                .afterFence(facts.failoverTo(epoch).map(Failover::fence).orElse(null))
                .desiredState(desired)
                .terminationGracePeriodSeconds(GuestShutdown.graceSeconds(facts, epoch))
                .machine(machine)
                .firstStart(firstStart)
                .ekDigest(facts.recordedEk().orElse(null))
                .guestStateFloor(facts.guestState().floorFor(epoch).orElse(null))
                .approvedGuestState(approved.orElse(null))
                .arrival(arrival.orElse(null))
                .build());
        return incarnation;
    }

    /** The machine that the spec describes now. */
    Machine machine(ImageOfVm image) {
        TrustedLaunchVMSpec spec = facts.spec();
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(image.osType())
                .cores(spec.cores())
                .memory(spec.memory())
                .location(location(spec.storageLocationRef()))
                .image(image.image())
                .osDiskSize(spec.osDisk().size())
                .dataDisks(
                        spec.dataDisks().stream().map(IncarnationBuilder::disk).toList())
                .nics(spec.networkInterfaces().stream().map(this::nic).toList())
                .build();
    }

    /** The image of the GuestImage; empty if it is gone or its digest is unknown. */
    Optional<ImageOfVm> currentImage() {
        return facts.image().spec().filter(image -> image.sha256() != null).map(this::imageOf);
    }

    /** The image of a GuestImage without a digest, with the digest that the VM was created from. */
    Optional<ImageOfVm> unresolvedImageWith(String recordedDigest) {
        return facts.image()
                .spec()
                .filter(image -> image.sha256() == null)
                .map(image -> imageOf(image.withSha256(recordedDigest)));
    }

    private ImageOfVm imageOf(GuestImageSpec image) {
        return new ImageOfVm(
                image.osType(),
                new Image(facts.image().name(), facts.image().uid().orElse(null), image.sha256()));
    }

    private Location location(ObjectRef reference) {
        return new Location(
                reference.name(),
                Optional.ofNullable(facts.locations().get(reference.name()))
                        .map(StorageLocationSpec::path)
                        .orElse(null));
    }

    private static Disk disk(DataDisk disk) {
        return new Disk(disk.name(), disk.size());
    }

    private Nic nic(NetworkInterface nic) {
        return new Nic(
                nic.name(),
                nic.network(),
                MacAddresses.of(facts.uid(), nic),
                Optional.ofNullable(facts.networks().get(nic.network()))
                        .map(VMNetworkSpec::trafficFilter)
                        .orElse(null));
    }

    public static long bytes(io.fabric8.kubernetes.api.model.Quantity quantity) {
        return ByteSize.of(quantity);
    }

    /** The image that a VM's OS disk is a copy of. */
    record ImageOfVm(OsType osType, Image image) {
        static ImageOfVm of(Machine machine) {
            return new ImageOfVm(machine.osType(), machine.image());
        }
    }
}
