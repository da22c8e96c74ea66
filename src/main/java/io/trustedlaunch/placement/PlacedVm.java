package io.trustedlaunch.placement;

import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Another VM of the namespace, that is somewhere.
 *
 * @param keepsApart the VMs that it must not meet
 * @param nodes while it moves, two
 */
public record PlacedVm(String name, Map<String, String> labels, List<VMAffinityTerm> keepsApart, Set<String> nodes) {}
