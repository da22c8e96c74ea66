package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * An image that is needed in the folder of a storage location. An incarnation needs it to create its OS disk at a first start, or as a
 * disc in a drive, from where its guest reads it as long as it runs. An administrator may want it there before any VM does.
 */
record ImageNeed(Image image, Location location, String nodeName) {
    static List<ImageNeed> of(VMIncarnation incarnation) {
        VMIncarnationSpec spec = incarnation.getSpec();
        return Stream.concat(osDisk(incarnation).stream(), discs(incarnation))
                .map(image -> new ImageNeed(image, spec.machineNow().location(), spec.nodeName()))
                .distinct()
                .toList();
    }

    /**
     * Where the image's spec.preload wants it; empty unless it is eligible, so that nothing is fetched that no VM may be created from.
     *
     * @param isAlive whether a node's agent is
     */
    static List<ImageNeed> preloads(GuestImage image, List<StorageLocation> locations, Predicate<String> isAlive) {
        Optional<Image> wanted = image.status()
                .filter(status -> image.isTrue(ConditionType.Eligible) && status.sha256() != null)
                .map(status -> new Image(
                        image.getMetadata().getName(), image.getMetadata().getUid(), status.sha256()));
        return wanted.stream()
                .flatMap(eligible -> locations.stream()
                        .filter(location -> image.getSpec()
                                .preload()
                                .contains(location.getMetadata().getName()))
                        .flatMap(location -> nodes(location)
                                .filter(isAlive)
                                .map(node -> new ImageNeed(
                                        eligible,
                                        new Location(
                                                location.getMetadata().getName(),
                                                location.getSpec().path()),
                                        node))))
                .toList();
    }

    /** The nodes whose agents report the location as ready. */
    static Stream<String> nodes(StorageLocation location) {
        return location.status().stream()
                .flatMap(status -> status.nodes().stream())
                .filter(StorageLocationStatus.Node::ready)
                .map(StorageLocationStatus.Node::nodeName);
    }

    /** Empty if the incarnation has its disk, or needs none. */
    private static Optional<Image> osDisk(VMIncarnation incarnation) {
        VMIncarnationSpec spec = incarnation.getSpec();
        boolean prepares =
                phase(incarnation).map(phase -> phase == Phase.Preparing).orElse(true);
        return prepares
                        && spec.firstStart()
                        && spec.arrival() == null
                        && spec.desiredState() == DesiredState.Running
                        && spec.machineNow().image().uid() != null
                ? Optional.of(spec.machineNow().image())
                : Optional.empty();
    }

    /** Until the guest has ended, and those of its start as well: it may hold a disc that is to be ejected. */
    private static Stream<Image> discs(VMIncarnation incarnation) {
        boolean isOver = phase(incarnation)
                .filter(phase -> phase == Phase.Stopped || phase == Phase.Erased)
                .isPresent();
        return isOver
                ? Stream.empty()
                : incarnation
                        .getSpec()
                        .possibleDiscs()
                        .flatMap(drive -> drive.disc().stream())
                        .filter(image -> image.uid() != null);
    }

    private static Optional<Phase> phase(VMIncarnation incarnation) {
        return incarnation.status().map(VMIncarnationStatus::phase);
    }

    String imageUid() {
        return image.uid();
    }

    String imageName() {
        return image.name();
    }

    String locationName() {
        return location.name();
    }

    String locationPath() {
        return location.path();
    }
}
