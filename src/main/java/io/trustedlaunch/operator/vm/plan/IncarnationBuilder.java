package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
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
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an incarnation is to look like, but for its envelope. */
public final class IncarnationBuilder {
    private static final int DEFAULT_GRACE_SECONDS = 120;

    private final VmFacts facts;
    private final String namespace;

    /** @param namespace the operator's own */
    IncarnationBuilder(VmFacts facts, String namespace) {
        this.facts = facts;
        this.namespace = namespace;
    }

    /** The incarnation for the epoch and node on record. */
    VMIncarnation incarnation(DesiredState desired, boolean firstStart, ImageOfVm image) {
        return incarnation(
                facts.epoch(),
                facts.nodeName().orElseThrow(),
                desired,
                machine(image),
                firstStart,
                facts.guestState().approved().orElse(null),
                null);
    }

    /**
     * The incarnation that takes a running guest over, as the guest has its machine now.
     *
     * @param left the guest is known to have left
     */
    VMIncarnation arriving(Migration move, Incarnation source, boolean left) {
        return incarnation(
                move.epoch(),
                move.targetNode(),
                DesiredState.Running,
                source.machine(),
                false,
                null,
                new Arrival(source.epoch(), source.node(), left, copiesDisks(move, source)));
    }

    /** As the source was told; else by what is proved: whoever is to receive a copy of its own folder refuses it. */
    private boolean copiesDisks(Migration move, Incarnation source) {
        return source.handed(move.epoch())
                .map(Departure::copiesDisks)
                .orElseGet(() -> facts.node(move.targetNode())
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
            GuestStateVersion approved,
            Arrival arrival) {
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
                .desiredState(desired)
                .machine(machine)
                .firstStart(firstStart)
                .ekDigest(facts.recordedEk().orElse(null))
                .guestStateFloor(facts.guestState().floor().orElse(null))
                .approvedGuestState(approved)
                .arrival(arrival)
                .build());
        return incarnation;
    }

    /** What the spec asks for now. */
    Machine machine(ImageOfVm image) {
        TrustedLaunchVMSpec spec = facts.spec();
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(image.osType())
                .cores(spec.cores())
                .memory(spec.memory())
                .location(location(spec.storageLocationRef()))
                .image(image.image())
                .osDiskSize(spec.osDisk().size())
                .dataDisks(orEmpty(spec.dataDisks()).stream()
                        .map(IncarnationBuilder::disk)
                        .toList())
                .nics(orEmpty(spec.networkInterfaces()).stream().map(this::nic).toList())
                .terminationGracePeriodSeconds(Optional.ofNullable(spec.terminationGracePeriodSeconds())
                        .orElse(DEFAULT_GRACE_SECONDS))
                .build();
    }

    /** The image that the GuestImage names now; empty if it is gone, or nobody knows its digest. */
    Optional<ImageOfVm> imageOnOffer() {
        return facts.image().spec().filter(image -> image.sha256() != null).map(this::imageOf);
    }

    /** Where nobody knows the digest now: with the one that the VM was made from. */
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
        return new Location(reference.name(), facts.locations().get(reference.name()));
    }

    private static Disk disk(DataDisk disk) {
        return new Disk(disk.name(), disk.size());
    }

    private Nic nic(NetworkInterface nic) {
        return new Nic(nic.name(), nic.network(), MacAddresses.of(facts.uid(), nic));
    }

    public static long bytes(io.fabric8.kubernetes.api.model.Quantity quantity) {
        return quantity.getNumericalAmount().longValue();
    }

    public static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }

    /** What a VM's OS disk is a copy of. */
    record ImageOfVm(OsType osType, Image image) {
        static ImageOfVm of(Machine machine) {
            return new ImageOfVm(machine.osType(), machine.image());
        }
    }
}
