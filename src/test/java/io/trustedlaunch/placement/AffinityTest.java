package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static io.trustedlaunch.placement.NodeDraft.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Affinity;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.NodeAffinity;
import io.trustedlaunch.api.NodeAffinity.NodeOperator;
import io.trustedlaunch.api.NodeAffinity.NodeSelector;
import io.trustedlaunch.api.NodeAffinity.NodeSelectorRequirement;
import io.trustedlaunch.api.NodeAffinity.NodeSelectorTerm;
import io.trustedlaunch.api.NodeAffinity.PreferredSchedulingTerm;
import io.trustedlaunch.api.TaintEffect;
import io.trustedlaunch.api.Toleration;
import io.trustedlaunch.api.VMAffinity;
import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.api.VMAffinity.WeightedVMAffinityTerm;
import io.trustedlaunch.placement.Placement.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where a VM is put by what its owner says of its place, among nodes that have all else. */
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
    void ofTheTermsThatNodeAffinityRequiresOneMustMatchWithAllItsExpressions() {
        Constraints inBOrFast = nodes(required(
                term(in(ZONE, "b")),
                term(in(ZONE, "a"), new NodeSelectorRequirement("fast", NodeOperator.Exists, null))));
        assertThat(choose(inBOrFast, List.of(), a1, a2, b1)).isEqualTo(chosen("b1"));
        assertThat(choose(inBOrFast, List.of(), a1, a2.labels(Map.of(ZONE, "a", "fast", "yes"))))
                .isEqualTo(chosen("a2"));
        assertRejects(inBOrFast, List.of(), a1, "match none of the 2 terms that nodeAffinity requires");
        assertRejects(nodes(required(term(in(ZONE, "b", "c")))), List.of(), a1, "requires (" + ZONE + " In b|c)");
    }

    @Test
    void theNodeWithMostOfThePreferredWeightIsBest() {
        Constraints wishes = nodes(new NodeAffinity(
                null,
                List.of(
                        new PreferredSchedulingTerm(10, term(in(ZONE, "a"))),
                        new PreferredSchedulingTerm(7, term(in("fast", "yes"))),
                        new PreferredSchedulingTerm(7, term(in(ZONE, "b"))))));
        NodeDraft fuller = b1.labels(Map.of(ZONE, "b", "fast", "yes")).inUse(2, 4 * GIB);
        assertThat(choose(wishes, List.of(), a1, a2, fuller)).isEqualTo(chosen("b1"));
        assertThat(choose(wishes, List.of(), a1, a2, b1.labels(Map.of(ZONE, "b"))))
                .isEqualTo(chosen("a1"));
    }

    @Test
    void aTaintKeepsAwayWhoDoesNotTolerateIt() {
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
    void aNodeThatWouldRatherHaveNoVmComesLastWhoeverPrefersIt() {
        Constraints wishes =
                nodes(new NodeAffinity(null, List.of(new PreferredSchedulingTerm(100, term(in("x", "y"))))));
        NodeDraft rather = node("a1").labels(Map.of("x", "y")).taint("old", "", TaintEffect.PreferNoSchedule);
        assertThat(choose(wishes, List.of(), rather, b1.inUse(2, 4 * GIB))).isEqualTo(chosen("b1"));
        assertThat(choose(wishes, List.of(), rather)).isEqualTo(chosen("a1"));
        Constraints tolerant = Constraints.of(
                null,
                null,
                new Affinity(wishes.nodeAffinity(), null, null),
                List.of(new Toleration("old", Toleration.Operator.Exists, null, null)));
        assertThat(choose(tolerant, List.of(), rather, b1)).isEqualTo(chosen("a1"));
    }

    @Test
    void whatKubernetesSaysOfAKubeletKeepsNoVmAway() {
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
    void aVmIsPutWhereTheVmsAreThatItNeeds() {
        Constraints withDb = vms(WEB, required(DB, HOST), null);
        List<PlacedVm> db = List.of(neighbour("db-1", DB, "a2"));
        assertThat(choose(withDb, db, a1, a2, b1)).isEqualTo(chosen("a2"));
        assertRejects(withDb, db, a1, "no VM that its vmAffinity requires is there (app=db by " + HOST + ")");
        assertRejects(withDb, List.of(), a1, "no VM that its vmAffinity requires is there");
    }

    @Test
    void nodesWithTheSameLabelAreOnePlace() {
        Constraints nearDb = vms(WEB, required(DB, ZONE), null);
        List<PlacedVm> db = List.of(neighbour("db-1", DB, "a2"));
        assertThat(choose(nearDb, db, a1, b1, nowhere, a2.unschedulable())).isEqualTo(chosen("a1"));
        assertRejects(nearDb, db, nowhere, "no VM that its vmAffinity requires");
        Constraints farFromDb = vms(WEB, null, required(DB, ZONE));
        assertThat(choose(farFromDb, db, a1, a2, b1)).isEqualTo(chosen("b1"));
        assertThat(choose(farFromDb, db, a1, a2, nowhere))
                .as("a node that is in no zone")
                .isEqualTo(chosen("nowhere"));
    }

    @Test
    void theFirstOfThoseThatAreToBeTogetherCanBeAnywhere() {
        Constraints together = vms(DB, required(DB, ZONE), null);
        assertThat(choose(together, List.of(), a1)).isEqualTo(chosen("a1"));
        assertThat(choose(together, List.of(neighbour("db-1", DB, "b1")), a1, b1))
                .isEqualTo(chosen("b1"));
        assertRejects(together, List.of(), nowhere, "no VM that its vmAffinity requires");
    }

    @Test
    void aVmIsKeptApartFromThoseThatItAvoids() {
        Constraints apart = vms(DB, null, required(DB, HOST));
        List<PlacedVm> others = List.of(neighbour("db-1", DB, "a1"), neighbour("web-1", WEB, "a2"));
        assertThat(choose(apart, others, a1, a2)).isEqualTo(chosen("a2"));
        assertRejects(apart, others, a1, "VM db-1 is there, from which its vmAntiAffinity keeps it apart (app=db by");
    }

    @Test
    void aVmThatMovesIsOnBothNodes() {
        Constraints apart = vms(DB, null, required(DB, HOST));
        List<PlacedVm> moving = List.of(neighbour("db-1", DB, "a1", "a2"));
        assertThat(choose(apart, moving, a1, a2, b1)).isEqualTo(chosen("b1"));
    }

    @Test
    void aVmIsKeptApartFromThoseThatAvoidItToo() {
        PlacedVm shy = new PlacedVm("db-1", DB, required(WEB, ZONE).required(), Set.of("a1"));
        assertThat(choose(vms(WEB, null, null), List.of(shy), a1, a2, b1)).isEqualTo(chosen("b1"));
        assertThat(choose(vms(DB, null, null), List.of(shy), a1)).isEqualTo(chosen("a1"));
        assertRejects(
                vms(WEB, null, null),
                List.of(shy),
                a2.labels(Map.of(ZONE, "a")),
                List.of(a1),
                "VM db-1 is there, whose");
    }

    @Test
    void preferredAffinityCountsEachVmThatIsThere() {
        List<PlacedVm> others =
                List.of(neighbour("db-1", DB, "a1"), neighbour("db-2", DB, "a1"), neighbour("db-3", DB, "b1"));
        assertThat(choose(vms(DB, preferred(5, DB, HOST), null), others, a1.inUse(8, 4 * GIB), b1, nowhere))
                .isEqualTo(chosen("a1"));
        assertThat(choose(vms(DB, null, preferred(5, DB, HOST)), others, a1, b1, nowhere.inUse(8, 4 * GIB)))
                .isEqualTo(chosen("nowhere"));
        assertThat(choose(vms(DB, null, preferred(5, DB, HOST)), others, a1, b1.inUse(8, 4 * GIB)))
                .isEqualTo(chosen("b1"));
    }

    @Test
    void aVmOnANodeThatIsGoneIsNowhere() {
        assertThat(choose(vms(DB, null, required(DB, ZONE)), List.of(neighbour("db-1", DB, "gone")), a1))
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

    private static PlacedVm neighbour(String name, Map<String, String> labels, String... nodes) {
        return new PlacedVm(name, labels, List.of(), Set.of(nodes));
    }

    private static Outcome chosen(String node) {
        return new Outcome.Chosen(node);
    }

    private static void assertRejects(Constraints constraints, List<PlacedVm> others, NodeDraft node, String why) {
        assertRejects(constraints, others, node, List.of(node("a2").labels(Map.of(ZONE, "a"))), why);
    }

    /** @param further nodes that are there, and are not asked */
    private static void assertRejects(
            Constraints constraints, List<PlacedVm> others, NodeDraft node, List<NodeDraft> further, String why) {
        NodeInfo asked = node.candidate();
        Placement placement = new Placement(
                Stream.concat(Stream.of(asked), further.stream().map(NodeDraft::candidate))
                        .toList(),
                others,
                PlacementPolicy.DEFAULT);
        assertThat(placement.choose(demand(constraints), one -> one == asked))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.message())
                                .startsWith(asked.name() + ": ")
                                .contains(why));
    }

    private static Outcome choose(Constraints constraints, List<PlacedVm> others, NodeDraft... nodes) {
        return new Placement(Arrays.stream(nodes).map(NodeDraft::candidate).toList(), others, PlacementPolicy.DEFAULT)
                .choose(demand(constraints), node -> true);
    }

    private static Requests demand(Constraints constraints) {
        return new Requests(1, GIB, List.of(), List.of("default"), constraints);
    }
}
