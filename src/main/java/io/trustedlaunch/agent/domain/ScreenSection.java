package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.vm.DevicePlace;
import java.util.stream.Stream;

/**
 * Windows needs a screen and a pointer; Linux has its serial console, and a screen if its user wants one. The screen is available
 * at a socket of the host, for root only, and never over a network.
 */
final class ScreenSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return switch (spec.screen()) {
            case None -> Stream.of(usb("none"), video("none"));
            case VGA ->
                Stream.of(
                        DomainPlaces.placed(spec, DevicePlace.USB, usb("qemu-xhci")),
                        // A tablet has absolute positions, so that the pointer follows the viewer's.
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
