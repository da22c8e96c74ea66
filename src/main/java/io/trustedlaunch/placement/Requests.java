package io.trustedlaunch.placement;

import java.util.List;

/**
 * What a VM needs from its node.
 *
 * @param locations the storage locations of its disks and of its image
 */
public record Requests(
        int cores, long memoryBytes, List<String> networks, List<String> locations, Constraints constraints) {}
