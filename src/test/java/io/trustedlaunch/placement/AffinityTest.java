package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static io.trustedlaunch.placement.NodeDraft.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.vm.Affinity;
import io.trustedlaunch.api.vm.NodeAffinity;
import io.trustedlaunch.api.vm.NodeAffinity.NodeOperator;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelector;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorRequirement;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorTerm;
import io.trustedlaunch.api.vm.NodeAffinity.PreferredSchedulingTerm;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.api.vm.Toleration;
import io.trustedlaunch.api.vm.VMAffinity;
import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.api.vm.VMAffinity.WeightedVMAffinityTerm;
import io.trustedlaunch.placement.Placement.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which node labels, taints and affinities choose among nodes that meet all other requirements. */
class AffinityTest {
    private static final String HOST = "kubernetes.io/hostname";
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final Map<String, String> DB = Map.of("app", "db");
    private static final Map<String, String> WEB = Map.of("app", "web");

    private final NodeDraft a1 = node("a1").labels(Map.of(ZONE, "a"));
    private final NodeDraft a2 = node("a2").labels(Map.of(ZONE, "a"));
    private final NodeDraft b1 = node("b1").labels(Map.of(ZONE, "b"));
    private final NodeDraft nowhere = node("nowhere").labels(Map.of());

    @Test
    void oneTermOfTheRequiredNodeAffinityMustMatchWithAllItsExpressions() {
        Constraints inBOrFast = nodes(required(
                term(in(ZONE, "b")),
                term(in(ZONE, "a"), new NodeSelectorRequirement("fast", NodeOperator.Exists, null))));
        assertThat(choose(inBOrFast, List.of(), a1, a2, b1)).isEqualTo(chosen("b1"));
        assertThat(choose(inBOrFast, List.of(), a1, a2.labels(Map.of(ZONE, "a", "fast", "yes"))))
                .isEqualTo(chosen("a2"));
        assertRejects(inBOrFast, List.of(), a1, "match none of the 2 terms of the required nodeAffinity");
        assertRejects(
                nodes(required(term(in(ZONE, "b", "c")))),
                List.of(),
                a1,
                "do not match the required nodeAffinity (" + ZONE + " In b|c)");
    }

    @Test
    void theNodeWithTheGreatestPreferredWeightIsBest() {
        Constraints preferences = nodes(new NodeAffinity(
                null,
                List.of(
                        new PreferredSchedulingTerm(10, term(in(ZONE, "a"))),
                        new PreferredSchedulingTerm(7, term(in("fast", "yes"))),
                        new PreferredSchedulingTerm(7, term(in(ZONE, "b"))))));
        NodeDraft fuller = b1.labels(Map.of(ZONE, "b", "fast", "yes")).inUse(2, 4 * GIB);
        assertThat(choose(preferences, List.of(), a1, a2, fuller)).isEqualTo(chosen("b1"));
        assertThat(choose(preferences, List.of(), a1, a2, b1.labels(Map.of(ZONE, "b"))))
                .isEqualTo(chosen("a1"));
    }

    @Test
    void anUntoleratedTaintRejects() {
        NodeDraft tainted = node("a1").taint("dedicated", "lab", TaintEffect.NoExecute);
        assertRejects(tolerating(), List.of(), tainted, "the taint dedicated=lab:NoExecute");
        assertRejects(
                tolerating(new Toleration("dedicated", Toleration.Operator.Equal, "prod", null)),
                List.of(),
                tainted,
                "the taint");
        assertRejects(
                tolerating(new Toleration("dedicated", Toleration.Operator.Exists, null, TaintEffect.NoSchedule)),
                List.of(),
                tainted,
                "the taint");
        assertRejects(
                tolerating(new Toleration("other", Toleration.Operator.Equal, "lab", null)),
                List.of(),
                tainted,
                "the taint");
        for (Toleration toleration : List.of(
                new Toleration("dedicated", Toleration.Operator.Equal, "lab", null),
                new Toleration("dedicated", Toleration.Operator.Exists, null, TaintEffect.NoExecute),
                new Toleration(null, Toleration.Operator.Exists, null, null))) {
            assertThat(choose(tolerating(toleration), List.of(), tainted))
                    .as("%s", toleration)
                    .isEqualTo(chosen("a1"));
        }
    }

    @Test
    void aNodeWithAPreferNoScheduleTaintComesLastEvenIfItIsPreferred() {
        Constraints preferences =
                nodes(new NodeAffinity(null, List.of(new PreferredSchedulingTerm(100, term(in("x", "y"))))));
        NodeDraft tainted = node("a1").labels(Map.of("x", "y")).taint("old", "", TaintEffect.PreferNoSchedule);
        assertThat(choose(preferences, List.of(), tainted, b1.inUse(2, 4 * GIB)))
                .isEqualTo(chosen("b1"));
        assertThat(choose(preferences, List.of(), tainted)).isEqualTo(chosen("a1"));
        Constraints tolerant = Constraints.of(
                null,
                null,
                new Affinity(preferences.nodeAffinity(), null, null),
                List.of(new Toleration("old", Toleration.Operator.Exists, null, null)));
        assertThat(choose(tolerant, List.of(), tainted, b1)).isEqualTo(chosen("a1"));
    }

    @Test
    void taintsAboutTheKubeletRejectNoVm() {
        NodeDraft node = node("a1")
                .taint("node.kubernetes.io/not-ready", null, TaintEffect.NoSchedule)
                .taint("node.kubernetes.io/unreachable", null, TaintEffect.NoExecute);
        assertThat(choose(tolerating(), List.of(), node)).isEqualTo(chosen("a1"));
        assertRejects(
                tolerating(),
                List.of(),
                node.taint("node.kubernetes.io/memory-pressure", null, TaintEffect.NoSchedule),
                "memory-pressure");
    }

    @Test
    void aVmIsPlacedWithTheVmsThatItsAffinityRequires() {
        Constraints withDb = vms(WEB, required(DB, HOST), null);
        List<PlacedVm> db = List.of(placedVm("db-1", DB, "a2"));
        assertThat(choose(withDb, db, a1, a2, b1)).isEqualTo(chosen("a2"));
        assertRejects(withDb, db, a1, "no VM that vmAffinity requires is there (app=db by " + HOST + ")");
        assertRejects(withDb, List.of(), a1, "no VM that vmAffinity requires is there");
    }

    @Test
    void nodesWithTheSameLabelAreOneDomain() {
        Constraints nearDb = vms(WEB, required(DB, ZONE), null);
        List<PlacedVm> db = List.of(placedVm("db-1", DB, "a2"));
        assertThat(choose(nearDb, db, a1, b1, nowhere, a2.unschedulable())).isEqualTo(chosen("a1"));
        assertRejects(nearDb, db, nowhere, "no VM that vmAffinity requires");
        Constraints farFromDb = vms(WEB, null, required(DB, ZONE));
        assertThat(choose(farFromDb, db, a1, a2, b1)).isEqualTo(chosen("b1"));
        assertThat(choose(farFromDb, db, a1, a2, nowhere))
                .as("a node that is in no zone")
                .isEqualTo(chosen("nowhere"));
    }

    @Test
    void theFirstVmOfAGroupCanBeOnAnyNode() {
        Constraints together = vms(DB, required(DB, ZONE), null);
        assertThat(choose(together, List.of(), a1)).isEqualTo(chosen("a1"));
        assertThat(choose(together, List.of(placedVm("db-1", DB, "b1")), a1, b1))
                .isEqualTo(chosen("b1"));
        assertRejects(together, List.of(), nowhere, "no VM that vmAffinity requires");
    }

    @Test
    void aVmIsKeptApartFromTheVmsThatItsAntiAffinityExcludes() {
        Constraints apart = vms(DB, null, required(DB, HOST));
        List<PlacedVm> others = List.of(placedVm("db-1", DB, "a1"), placedVm("web-1", WEB, "a2"));
        assertThat(choose(apart, others, a1, a2)).isEqualTo(chosen("a2"));
        assertRejects(apart, others, a1, "VM db-1 is there, which vmAntiAffinity excludes (app=db by");
    }

    @Test
    void aVmThatMigratesCountsOnBothNodes() {
        Constraints apart = vms(DB, null, required(DB, HOST));
        List<PlacedVm> moving = List.of(placedVm("db-1", DB, "a1", "a2"));
        assertThat(choose(apart, moving, a1, a2, b1)).isEqualTo(chosen("b1"));
    }

    @Test
    void aVmIsKeptApartFromTheVmsWhoseAntiAffinityExcludesIt() {
        PlacedVm exclusive = new PlacedVm("db-1", DB, required(WEB, ZONE).required(), Set.of("a1"));
        assertThat(choose(vms(WEB, null, null), List.of(exclusive), a1, a2, b1)).isEqualTo(chosen("b1"));
        assertThat(choose(vms(DB, null, null), List.of(exclusive), a1)).isEqualTo(chosen("a1"));
        assertRejects(
                vms(WEB, null, null),
                List.of(exclusive),
                a2.labels(Map.of(ZONE, "a")),
                List.of(a1),
                "VM db-1 is there, whose vmAntiAffinity excludes this VM");
    }

    @Test
    void preferredAffinityCountsEachVm() {
        List<PlacedVm> others =
                List.of(placedVm("db-1", DB, "a1"), placedVm("db-2", DB, "a1"), placedVm("db-3", DB, "b1"));
        assertThat(choose(vms(DB, preferred(5, DB, HOST), null), others, a1.inUse(8, 4 * GIB), b1, nowhere))
                .isEqualTo(chosen("a1"));
        assertThat(choose(vms(DB, null, preferred(5, DB, HOST)), others, a1, b1, nowhere.inUse(8, 4 * GIB)))
                .isEqualTo(chosen("nowhere"));
        assertThat(choose(vms(DB, null, preferred(5, DB, HOST)), others, a1, b1.inUse(8, 4 * GIB)))
                .isEqualTo(chosen("b1"));
    }

    @Test
    void aVmOnADeletedNodeIsInNoDomain() {
        assertThat(choose(vms(DB, null, required(DB, ZONE)), List.of(placedVm("db-1", DB, "gone")), a1))
                .isEqualTo(chosen("a1"));
    }

    private static Constraints nodes(NodeAffinity affinity) {
        return Constraints.of(null, null, new Affinity(affinity, null, null), null);
    }

    private static NodeAffinity required(NodeSelectorTerm... terms) {
        return new NodeAffinity(new NodeSelector(List.of(terms)), null);
    }

    private static NodeSelectorTerm term(NodeSelectorRequirement... expressions) {
        return new NodeSelectorTerm(List.of(expressions));
    }

    private static NodeSelectorRequirement in(String key, String... values) {
        return new NodeSelectorRequirement(key, NodeOperator.In, List.of(values));
    }

    private static Constraints tolerating(Toleration... tolerations) {
        return Constraints.of(null, null, null, List.of(tolerations));
    }

    private static Constraints vms(Map<String, String> labels, VMAffinity affinity, VMAffinity antiAffinity) {
        return Constraints.of(labels, null, new Affinity(null, affinity, antiAffinity), null);
    }

    private static VMAffinity required(Map<String, String> labels, String topologyKey) {
        return new VMAffinity(List.of(new VMAffinityTerm(new LabelSelector(labels, null), topologyKey)), null);
    }

    private static VMAffinity preferred(int weight, Map<String, String> labels, String topologyKey) {
        return new VMAffinity(
                null,
                List.of(new WeightedVMAffinityTerm(
                        weight, new VMAffinityTerm(new LabelSelector(labels, null), topologyKey))));
    }

    private static PlacedVm placedVm(String name, Map<String, String> labels, String... nodes) {
        return new PlacedVm(name, labels, List.of(), Set.of(nodes));
    }

    private static Outcome chosen(String node) {
        return new Outcome.Chosen(node);
    }

    private static void assertRejects(Constraints constraints, List<PlacedVm> others, NodeDraft node, String message) {
        assertRejects(constraints, others, node, List.of(node("a2").labels(Map.of(ZONE, "a"))), message);
    }

    /** @param further nodes that exist, and are not offered */
    private static void assertRejects(
            Constraints constraints, List<PlacedVm> others, NodeDraft node, List<NodeDraft> further, String message) {
        NodeInfo offered = node.info();
        Placement placement = new Placement(
                Stream.concat(Stream.of(offered), further.stream().map(NodeDraft::info))
                        .toList(),
                others,
                PlacementPolicy.DEFAULT);
        assertThat(placement.choose(requests(constraints), one -> one == offered))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.message())
                                .startsWith(offered.name() + ": ")
                                .contains(message));
    }

    private static Outcome choose(Constraints constraints, List<PlacedVm> others, NodeDraft... nodes) {
        return new Placement(Arrays.stream(nodes).map(NodeDraft::info).toList(), others, PlacementPolicy.DEFAULT)
                .choose(requests(constraints), node -> true);
    }

    private static Requests requests(Constraints constraints) {
        return RequestsDraft.requests().constraints(constraints).build();
    }
}
