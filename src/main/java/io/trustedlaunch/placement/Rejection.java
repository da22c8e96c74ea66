package io.trustedlaunch.placement;

/**
 * Why one node cannot take the VM.
 *
 * @param message with the details of this node
 * @param summary the same for all nodes that are rejected for this reason
 */
public record Rejection(String node, String message, String summary) {}
