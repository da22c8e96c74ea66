package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;

/**
 * Where a domain is to move.
 *
 * @param epoch the life that it becomes there
 * @param nodeName what the certificate of the QEMU there must say
 * @param address where QEMU is reached there
 * @param control a local socket behind which is the hypervisor there
 */
public record MigrationTarget(long epoch, String nodeName, String address, Path control) {}
