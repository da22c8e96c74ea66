package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;

/**
 * Installed UEFI firmware.
 *
 * @param variables the template of its variables
 */
public record FirmwareFiles(Path code, Path variables) {}
