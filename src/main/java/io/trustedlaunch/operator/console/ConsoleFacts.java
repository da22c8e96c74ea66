package io.trustedlaunch.operator.console;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMConsole;
import java.time.Instant;
import java.util.Optional;

/**
 * All that a console's status is made of.
 *
 * @param vm that it names
 * @param node on which that VM is
 * @param authority PEM; of the agents' certificates
 */
record ConsoleFacts(
        VMConsole console, Optional<TrustedLaunchVM> vm, Optional<ClusterNode> node, String authority, Instant now) {}
