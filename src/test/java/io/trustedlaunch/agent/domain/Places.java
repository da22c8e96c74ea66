package io.trustedlaunch.agent.domain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.agent.migration.arrival.Recordings;
import io.trustedlaunch.api.vm.DevicePlace;
import java.util.List;

/** The places of devices in recorded domains. */
public final class Places {
    private Places() {}

    /** The spec with the places that libvirt gave the devices of {@link Specs#full}. */
    public static DomainSpec asIn(String recording, DomainSpec spec) {
        String xml = new String(Recordings.domain(recording), UTF_8);
        List<DevicePlace> places = DomainPlaces.read(xml, Specs.machine(spec.osType()));
        return DomainSpecBuilder.builder(spec).places(places).build();
    }
}
