package io.trustedlaunch.agent.movement;

import java.util.UUID;

/**
 * A guest's way to another node.
 *
 * @param epoch the life that takes it over there
 */
public record Move(UUID vm, long epoch, Peer to) {}
