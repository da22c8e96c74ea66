package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import java.util.function.LongSupplier;

/**
 * The host on which guests run.
 *
 * @param emulation whether VMs may run without KVM
 * @param shutdown present while the host is to shut down
 * @param nanoTime a clock that does not jump
 */
public record ThisHost(
        String nodeName, String bootID, boolean emulation, ShutdownRequest shutdown, LongSupplier nanoTime) {}
