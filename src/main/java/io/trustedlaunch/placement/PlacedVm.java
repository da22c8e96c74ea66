package io.trustedlaunch.placement;

import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Another VM of the namespace that has a node.
 *
 * @param requiredAntiAffinity the VMs that it must be kept apart from
 * @param nodes two while it migrates
 */
public record PlacedVm(
        String name, Map<String, String> labels, List<VMAffinityTerm> requiredAntiAffinity, Set<String> nodes) {}
