package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffers;
import java.util.List;
import java.util.Optional;

/** Builds the machine that a VM's spec describes now, with the image that its OS disk is a copy of, or was installed from. */
public final class MachineBuilder {
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmOffers offers;
    private final RetainedVm retained;
    private final VmFacts facts;

    public MachineBuilder(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.offers = facts.offers();
        this.retained = facts.retained();
    }

    /** The machine that the next incarnation will have. */
    Machine ofNextStart() {
        return machine(
                incarnations
                        .current()
                        .filter(last -> !incarnations.isFirstStart())
                        .map(last -> ImageOfVm.of(last.machine()))
                        .orElseGet(this::imageOrNone),
                facts.nextEpoch());
    }

    /** @param epoch of the incarnation that has it */
    Machine machine(ImageOfVm image, long epoch) {
        return machine(image, epoch, places(), usesEnlightenedVmcs(image.osType()));
    }

    /** The machine of the epoch that has one already: what no spec says stays as it is there. */
    Machine machine(ImageOfVm image, long epoch, Machine present) {
        return machine(image, epoch, present.places(), present.enlightenedVmcs());
    }

    private Machine machine(ImageOfVm image, long epoch, List<DevicePlace> places, boolean enlightenedVmcs) {
        TrustedLaunchVMSpec spec = vm.spec();
        DataDisks dataDisks = DataDisks.of(facts, epoch);
        DiskBuses buses =
                DiskBuses.of(image.osType(), spec.diskBus(), spec.osDisk().bus());
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(image.osType())
                .cores(spec.cores())
                .memory(spec.memory())
                .location(location(spec.storageLocationRef()))
                .image(image.image())
                .osDiskSize(spec.osDisk().size())
                .osDiskSource(spec.osDisk().source())
                .dataDisks(dataDisks.disks())
                .removedDisks(dataDisks.removed())
                .deletedDisks(
                        dataDisks.deleted().stream().map(DiskIdentity::toString).toList())
                .nics(nics())
                .discs(new Discs(facts).ofStart())
                .screen(unless(ScreenModel.ofOs(image.osType()), spec.screen()))
                .diskBus(unless(DiskBus.ofOs(image.osType()), spec.diskBus()))
                .osDiskBus(unless(buses.data(), buses.os()))
                .networkModel(unless(NetworkModel.ofOs(image.osType()), spec.networkModel()))
                .virtualizationBasedSecurity(spec.chosenVbs().orElse(null))
                .enlightenedVmcs(enlightenedVmcs)
                .places(DevicePlaces.keptOn(buses, places))
                .build();
    }

    /** A guest that uses it cannot migrate to a node without it, so it depends on all nodes, and on none of them alone. */
    private boolean usesEnlightenedVmcs(OsType osType) {
        VirtualizationBasedSecurity wanted = vm.spec().chosenVbs().orElse(VirtualizationBasedSecurity.ofOs(osType));
        return osType == OsType.Windows
                && wanted != VirtualizationBasedSecurity.None
                && facts.nodes().placement().snapshot().hasEnlightenedVmcs();
    }

    /** A machine does not say what is so anyway: agents that do not know the field may have it. */
    private static <T extends Enum<T>> T unless(T byDefault, T wanted) {
        return wanted == byDefault ? null : wanted;
    }

    /** As the newest incarnation had them, or as they were when the VM was retained; where neither is left, they are unknown. */
    List<DevicePlace> places() {
        return incarnations
                .byMachine()
                .map(Incarnation::places)
                .filter(places -> !places.isEmpty())
                .findFirst()
                .or(() -> retained.heldBy(vm.ownerUid())
                        .map(found -> found.record().places()))
                .orElse(List.of());
    }

    /** The image of the GuestImage; empty if it is gone or its digest is unknown. */
    Optional<ImageOfVm> currentImage() {
        return offers.image().spec().filter(image -> image.sha256() != null).map(this::imageOf);
    }

    ImageOfVm imageOrNone() {
        return imageOnRecord()
                .orElseGet(() -> new ImageOfVm(
                        OsType.Linux,
                        new Image(offers.image().name(), null, recordedDigest().orElse(null))));
    }

    Optional<ImageOfVm> imageOnRecord() {
        Optional<ImageOfVm> earlier = incarnations.earlier().stream()
                .filter(incarnation -> !incarnations.isFirstStart())
                .findFirst()
                .map(incarnation -> ImageOfVm.of(incarnation.machine()));
        return earlier.or(() -> currentImage()
                        .filter(image -> recordedDigest()
                                .map(digest -> digest.equals(image.image().sha256()))
                                .orElse(true)))
                .or(() -> recordedDigest().flatMap(this::unresolvedImageWith))
                .or(this::retainedImage);
    }

    /** The image of a GuestImage without a digest, with the digest that the VM was created from. */
    private Optional<ImageOfVm> unresolvedImageWith(String recordedDigest) {
        return offers.image()
                .spec()
                .filter(image -> image.sha256() == null)
                .map(image -> imageOf(image.withSha256(recordedDigest)));
    }

    /** The image of the VM's OS disk if its GuestImage is gone; no disk is created from it any more. */
    private Optional<ImageOfVm> retainedImage() {
        return retained.heldBy(vm.ownerUid())
                .map(RetainedVm.Found::record)
                .filter(record -> record.image() != null && record.osType() != null)
                .map(record -> new ImageOfVm(
                        record.osType(),
                        new Image(record.image().name(), null, record.image().sha256())));
    }

    private Optional<String> recordedDigest() {
        return vm.image().map(RecordedImage::sha256);
    }

    private ImageOfVm imageOf(GuestImageSpec image) {
        return new ImageOfVm(
                image.osType(), new Image(offers.image().name(), imageUid().orElse(null), image.sha256()));
    }

    /** The UID of the image that a disk may be made from: a disk that was copied from a backup is never made again. */
    private Optional<String> imageUid() {
        return offers.image().uid().filter(uid -> !vm.restores().isClone());
    }

    private Location location(ObjectRef reference) {
        return new Location(
                reference.name(),
                Optional.ofNullable(offers.locations().get(reference.name()))
                        .map(StorageLocationSpec::path)
                        .orElse(null));
    }

    /** The cards that the next guest will have. */
    public List<Nic> nics() {
        return vm.spec().networkInterfaces().stream().map(this::nic).toList();
    }

    private Nic nic(NetworkInterface nic) {
        return new Nic(
                nic.name(),
                nic.network(),
                MacAddresses.of(vm.uid(), nic),
                Optional.ofNullable(offers.networks().get(nic.network()))
                        .map(VMNetworkSpec::trafficFilter)
                        .orElse(null),
                nic.linkState());
    }

    /** The image that a VM's OS disk is a copy of, or the disc that its guest was installed from. */
    record ImageOfVm(OsType osType, Image image) {
        static ImageOfVm of(Machine machine) {
            return new ImageOfVm(machine.osType(), machine.image());
        }
    }
}
