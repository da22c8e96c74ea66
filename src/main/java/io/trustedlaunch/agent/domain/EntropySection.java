package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.vm.DevicePlace;
import java.util.stream.Stream;

/** A random number generator for Linux guests; no memory balloon, since a VM's memory is never reclaimed. */
final class EntropySection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml noBalloon = Xml.element("memballoon").with("model", "none");
        if (spec.osType() == OsType.Windows) {
            return Stream.of(noBalloon);
        }
        Xml rng = Xml.element("rng")
                .with("model", "virtio")
                .containing(Xml.element("backend", "/dev/urandom").with("model", "random"));
        return Stream.of(DomainPlaces.placed(spec, DevicePlace.RNG, rng), noBalloon);
    }
}
