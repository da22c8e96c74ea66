package io.trustedlaunch.fencer.device;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import java.util.Optional;

/**
 * A management controller, with what it is asked with.
 *
 * @param address host, and port after a colon if it is another than usual
 * @param path of the machine in Redfish; empty: the only one
 * @param caBundle what alone may verify the controller's certificate, PEM; empty over IPMI
 */
@RecordBuilder
public record FenceTarget(
        Agent agent, String address, Optional<String> path, String username, String password, String caBundle) {

    public FenceTarget withPath(String known) {
        return FenceTargetBuilder.builder(this).path(Optional.of(known)).build();
    }

    /** An IPv6 address keeps its brackets. */
    public String host() {
        return hasPort() ? address.substring(0, address.lastIndexOf(':')) : address;
    }

    public Optional<String> port() {
        return hasPort() ? Optional.of(address.substring(address.lastIndexOf(':') + 1)) : Optional.empty();
    }

    private boolean hasPort() {
        return address.lastIndexOf(':') > address.lastIndexOf(']');
    }

    @Override
    public String toString() {
        return agent + " " + address;
    }
}
