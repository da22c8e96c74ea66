package io.trustedlaunch.agent.migration;

import java.util.UUID;

/**
 * A guest's migration to another node.
 *
 * @param epoch of the incarnation that takes the guest over there
 */
public record Migration(UUID vm, long epoch, Peer to) {}
