package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Randomness for a guest that boots with none of its own; and no balloon, for nobody here takes memory back. */
final class EntropySection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml noBalloon = Xml.element("memballoon").with("model", "none");
        if (spec.osType() == OsType.WINDOWS) {
            return Stream.of(noBalloon);
        }
        Xml rng = Xml.element("rng")
                .with("model", "virtio")
                .containing(Xml.element("backend", "/dev/urandom").with("model", "random"));
        return Stream.of(rng, noBalloon);
    }
}
