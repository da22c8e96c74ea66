package io.trustedlaunch.operator;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an operator process is told when it starts.
 *
 * @param namespace its own: protection keys, incarnations and Leases are there
 * @param failpoints folder of armed failpoints; only tests have one
 * @param metricsPort where health and metrics are served; empty: nowhere
 */
public record OperatorConfiguration(String namespace, Optional<Path> failpoints, OptionalInt metricsPort) {}
