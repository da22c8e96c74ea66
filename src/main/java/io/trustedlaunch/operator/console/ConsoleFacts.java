package io.trustedlaunch.operator.console;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import java.time.Instant;
import java.util.Optional;

/**
 * The facts from which a console's status is computed.
 *
 * @param vm named by the console
 * @param node of the VM
 * @param authority of the agents' certificates, in PEM
 */
record ConsoleFacts(
        VMConsole console, Optional<TrustedLaunchVM> vm, Optional<ClusterNode> node, String authority, Instant now) {}
