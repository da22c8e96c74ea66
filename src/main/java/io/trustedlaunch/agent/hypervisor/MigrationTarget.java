package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;

/**
 * The target of a domain's migration.
 *
 * @param epoch of the incarnation there
 * @param nodeName that the certificate of the QEMU there must have
 * @param address of QEMU there
 * @param control local socket that is forwarded to the hypervisor there
 */
public record MigrationTarget(long epoch, String nodeName, String address, Path control) {}
