package io.trustedlaunch.placement;

import io.trustedlaunch.api.vm.NodeAffinity.PreferredSchedulingTerm;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * How well a node that can take a VM suits it.
 *
 * @param untolerated the number of taints with effect PreferNoSchedule that the VM does not tolerate
 * @param preference the sum of the weights of the preferences that the node meets
 * @param doubt whether the node has the image's file
 * @param fullness the used fraction of cores or of memory, whichever is greater, with the VM
 */
record Score(String node, long untolerated, long preference, ImageFile.Doubt doubt, double fullness) {
    /** The order of importance; the name decides between equals, so that the same facts give the same node. */
    static Comparator<Score> bestFirst(Strategy strategy) {
        Comparator<Score> emptiestFirst = Comparator.comparingDouble(Score::fullness);
        return Comparator.comparingLong(Score::untolerated)
                .thenComparing(Score::preference, Comparator.reverseOrder())
                .thenComparing(Score::doubt)
                .thenComparing(
                        switch (strategy) {
                            case Spread -> emptiestFirst;
                            case Pack -> emptiestFirst.reversed();
                        })
                .thenComparing(Score::node);
    }

    static Score of(NodeInfo node, Requests requests, PlacementPolicy policy, VmAffinityIndex affinity) {
        return new Score(
                node.name(),
                Predicates.untolerated(node, requests.constraints())
                        .filter(taint -> taint.effect() == TaintEffect.PreferNoSchedule)
                        .count(),
                weight(requests.constraints().nodeAffinity().preferred(), node.labels()) + affinity.preference(node),
                requests.image().map(image -> image.doubt(node)).orElse(ImageFile.Doubt.NONE),
                fullness(node, requests, policy));
    }

    private static long weight(List<PreferredSchedulingTerm> preferred, Map<String, String> labels) {
        return preferred.stream()
                .filter(term -> LabelMatcher.selects(term.preference(), labels))
                .mapToLong(PreferredSchedulingTerm::weight)
                .sum();
    }

    private static double fullness(NodeInfo node, Requests requests, PlacementPolicy policy) {
        double cores = (double) (node.inUse().cores() + requests.cores()) / node.coresForVMs(policy);
        double memory = (double) (node.inUse().memoryBytes() + requests.memoryBytes()) / node.memoryForVMs();
        return Math.max(cores, memory);
    }
}
