package io.trustedlaunch.placement;

import io.trustedlaunch.api.NodeAffinity.PreferredSchedulingTerm;
import io.trustedlaunch.api.TaintEffect;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * How good a place a node is that can take a VM.
 *
 * @param repelling its taints with effect PreferNoSchedule that the VM does not tolerate
 * @param preference the weights of what the VM would rather have
 * @param fullness with the VM, of cores or of memory, whichever has less left
 */
record Score(String node, long repelling, long preference, double fullness) {
    /** What counts, in this order; the name decides between equals, so that the same facts always give the same node. */
    static Comparator<Score> bestFirst(Strategy strategy) {
        Comparator<Score> emptiestFirst = Comparator.comparingDouble(Score::fullness);
        return Comparator.comparingLong(Score::repelling)
                .thenComparing(Score::preference, Comparator.reverseOrder())
                .thenComparing(
                        switch (strategy) {
                            case Spread -> emptiestFirst;
                            case Pack -> emptiestFirst.reversed();
                        })
                .thenComparing(Score::node);
    }

    static Score of(NodeInfo node, Requests demand, PlacementPolicy policy, VmAffinityIndex neighbourhood) {
        return new Score(
                node.name(),
                Predicates.repelling(node, demand.constraints())
                        .filter(taint -> taint.effect() == TaintEffect.PreferNoSchedule)
                        .count(),
                weight(demand.constraints().nodeAffinity().preferred(), node.labels()) + neighbourhood.preference(node),
                fullness(node, demand, policy));
    }

    private static long weight(List<PreferredSchedulingTerm> preferred, Map<String, String> labels) {
        return preferred.stream()
                .filter(wish -> LabelMatcher.selects(wish.preference(), labels))
                .mapToLong(PreferredSchedulingTerm::weight)
                .sum();
    }

    private static double fullness(NodeInfo node, Requests demand, PlacementPolicy policy) {
        double cores = (double) (node.inUse().cores() + demand.cores()) / node.coresForVMs(policy);
        double memory = (double) (node.inUse().memoryBytes() + demand.memoryBytes()) / node.memoryForVMs();
        return Math.max(cores, memory);
    }
}
