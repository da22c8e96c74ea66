package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** The channel of the QEMU guest agent: the best source of IP addresses, and unused if the guest has no agent. */
final class GuestAgentSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml target = Xml.element("target").with("type", "virtio").with("name", "org.qemu.guest_agent.0");
        return Stream.of(Xml.element("channel").with("type", "unix").containing(target));
    }
}
