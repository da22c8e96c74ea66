package io.trustedlaunch.placement;

import java.util.List;
import java.util.Map;

/**
 * What a VM asks of its node.
 *
 * @param locations the storage locations of its disks and of its image
 */
public record Demand(
        int cores, long memoryBytes, Map<String, String> nodeSelector, List<String> networks, List<String> locations) {}
