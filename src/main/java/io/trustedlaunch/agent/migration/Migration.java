package io.trustedlaunch.agent.migration;

import java.util.UUID;

/**
 * A guest's way to another node.
 *
 * @param epoch the life that takes it over there
 */
public record Migration(UUID vm, long epoch, Peer to) {}
