package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import java.util.Optional;

/** Switches the power of machines by their management controllers. Every method may be repeated. */
public interface FenceAgent {
    /**
     * Reads which machine the management controller is in; switches nothing.
     *
     * @return empty over IPMI, where nothing proves it
     */
    Optional<Machine> machine(FenceTarget target) throws FenceException;

    /**
     * Cuts the power. That it returns is no observation.
     *
     * @param target with a path, if it is of Redfish
     */
    void off(FenceTarget target) throws FenceException;

    /**
     * Reads the power; switches nothing.
     *
     * @param target with a path, if it is of Redfish
     */
    Power status(FenceTarget target) throws FenceException;
}
