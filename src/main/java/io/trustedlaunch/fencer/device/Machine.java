package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.node.MachineUuid;

/**
 * The machine that a management controller is in, by its own word.
 *
 * @param path of the machine in Redfish
 */
public record Machine(String path, MachineUuid uuid) {}
