package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import java.util.stream.Stream;

/** Windows expects local time in the hardware clock, all others UTC. */
final class ClockSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        boolean windows = spec.osType() == OsType.Windows;
        Xml clock = Xml.element("clock")
                .with("offset", windows ? "localtime" : "utc")
                .containing(
                        timer("rtc").with("tickpolicy", "catchup"),
                        timer("pit").with("tickpolicy", "delay"),
                        timer("hpet").with("present", "no"));
        if (windows && spec.acceleration().kvm()) {
            clock = clock.containing(timer("hypervclock").with("present", "yes"));
        }
        return Stream.of(clock);
    }

    private static Xml timer(String name) {
        return Xml.element("timer").with("name", name);
    }
}
