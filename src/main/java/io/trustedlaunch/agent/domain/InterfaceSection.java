package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkModel;
import java.util.stream.Stream;

/** Network cards. */
final class InterfaceSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return spec.nics().stream().map(nic -> card(spec, nic));
    }

    static Xml card(DomainSpec spec, Nic nic) {
        boolean virtio = spec.networkModel() == NetworkModel.VirtIO;
        Xml plain = Xml.element("interface")
                .with("type", "network")
                .containing(
                        Xml.element("mac").with("address", nic.mac()),
                        Xml.element("source").with("network", nic.network()),
                        Xml.element("model").with("type", virtio ? "virtio" : "e1000e"),
                        // No network boot: a VM boots from its OS disk only.
                        Xml.element("rom").with("enabled", "no"));
        Xml linked = nic.link() == LinkState.Down
                ? plain.containing(Xml.element("link").with("state", "down"))
                : plain;
        Xml card = nic.filter()
                .map(filter -> Xml.element("filterref").with("filter", filter))
                .map(linked::containing)
                .orElse(linked);
        boolean translated = virtio && spec.acceleration().vbs();
        return DomainPlaces.placed(
                spec,
                DevicePlace.nic(nic.name()),
                translated ? card.containing(Xml.element("driver").with("iommu", "on")) : card);
    }
}
