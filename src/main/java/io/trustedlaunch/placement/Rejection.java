package io.trustedlaunch.placement;

/**
 * Why one node cannot take the VM.
 *
 * @param kind the same for all nodes that cannot take it for the same reason
 */
public record Rejection(String node, String why, String kind) {}
