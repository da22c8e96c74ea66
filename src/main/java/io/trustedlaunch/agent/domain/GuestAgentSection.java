package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** The channel that a guest agent would talk on: harmless where there is none, and the best source of addresses. */
final class GuestAgentSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml target = Xml.element("target").with("type", "virtio").with("name", "org.qemu.guest_agent.0");
        return Stream.of(Xml.element("channel").with("type", "unix").containing(target));
    }
}
