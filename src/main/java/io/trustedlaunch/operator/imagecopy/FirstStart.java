package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.util.Optional;

/** An incarnation that may still have to create its OS disk from the image. */
record FirstStart(VMIncarnationSpec spec) {

    /** Empty if the incarnation has its disk, or needs none. */
    static Optional<FirstStart> of(VMIncarnation incarnation) {
        VMIncarnationSpec spec = incarnation.getSpec();
        boolean prepares = incarnation
                .status()
                .map(VMIncarnationStatus::phase)
                .map(phase -> phase == Phase.Preparing)
                .orElse(true);
        return prepares
                        && spec.firstStart()
                        && spec.arrival() == null
                        && spec.desiredState() == DesiredState.Running
                        && spec.machineNow().image().uid() != null
                ? Optional.of(new FirstStart(spec))
                : Optional.empty();
    }

    String imageUid() {
        return spec.machineNow().image().uid();
    }

    String imageName() {
        return spec.machineNow().image().name();
    }

    String locationName() {
        return spec.machineNow().location().name();
    }

    String locationPath() {
        return spec.machineNow().location().path();
    }

    String nodeName() {
        return spec.nodeName();
    }
}
