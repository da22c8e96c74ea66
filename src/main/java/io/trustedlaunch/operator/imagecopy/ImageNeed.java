package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An image that an incarnation needs in the folder of its VM's storage location: to create its OS disk from it at a first start, or as
 * a disc in a drive, from where its guest reads it as long as it runs.
 */
record ImageNeed(Image image, Location location, String nodeName) {
    static List<ImageNeed> of(VMIncarnation incarnation) {
        VMIncarnationSpec spec = incarnation.getSpec();
        return Stream.concat(osDisk(incarnation).stream(), discs(incarnation))
                .map(image -> new ImageNeed(image, spec.machineNow().location(), spec.nodeName()))
                .distinct()
                .toList();
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
