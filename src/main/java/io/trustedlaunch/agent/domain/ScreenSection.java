package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/**
 * Windows needs a screen and a pointer; Linux has its serial line. The screen is reached through a socket that libvirt
 * makes on the host, for root, and never over a network.
 */
final class ScreenSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return switch (spec.osType()) {
            case LINUX -> Stream.of(usb("none"), video("none"));
            case WINDOWS ->
                Stream.of(
                        usb("qemu-xhci"),
                        // A tablet says where it points; a mouse only how far it moved, which never fits a viewer.
                        Xml.element("input").with("type", "tablet").with("bus", "usb"),
                        Xml.element("graphics")
                                .with("type", "vnc")
                                .containing(Xml.element("listen").with("type", "socket")),
                        video("vga"));
        };
    }

    private static Xml usb(String model) {
        return Xml.element("controller").with("type", "usb").with("model", model);
    }

    private static Xml video(String model) {
        return Xml.element("video").containing(Xml.element("model").with("type", model));
    }
}
