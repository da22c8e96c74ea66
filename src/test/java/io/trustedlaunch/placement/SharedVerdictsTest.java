package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.Affinity;
import io.trustedlaunch.api.vm.Toleration;
import io.trustedlaunch.api.vm.Toleration.Operator;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The verdict on migrations of a VM is that of the VM before, if all that it follows from is the same. */
class SharedVerdictsTest {
    /** Not all of their agents know all fields. */
    private final NodeSnapshot nodes = new NodeSnapshot(List.of(
            node("host-a").info(),
            node("host-b").info(),
            node("host-c").incarnationFields("cores").info()));

    private int decided;

    @Test
    void vmsWithEqualNeedsShareIt() {
        decide(nodes, requests());
        decide(nodes, requests().constraints(Constraints.of(Map.of("app", "db"), null, null, null)));

        assertThat(decided).as("a label of the VM matters to other VMs only").isOne();
    }

    @Test
    void eachNeedIsPartOfIt() {
        List<RequestsBuilder> different = List.of(
                requests(),
                requests().cores(3),
                requests().memoryBytes(3 * GIB),
                requests().incarnationFields(() -> new TreeSet<>(Set.of("other"))),
                requests().networks(List.of("vlan-42")),
                requests().locations(List.of("other")),
                requests().hasRemovedDisks(true),
                requests().libtpms(Optional.of("9.9")),
                requests().image(Optional.of(new ImageFile("image", "default", "file", "default", List.of()))),
                requests().constraints(Constraints.of(null, Map.of("disk", "ssd"), null, null)),
                requests()
                        .constraints(Constraints.of(
                                null, null, null, List.of(new Toleration("key", Operator.Exists, null, null)))));
        different.forEach(one -> decide(nodes, one));

        assertThat(decided).isEqualTo(different.size());
        assertThat(components(NodeSnapshot.MigrationNeeds.class))
                .as("also one that comes later")
                .containsAll(components(Requests.class).stream()
                        .map(name -> name.equals("incarnationFields") ? "fields" : name)
                        .toList());
    }

    @Test
    void soAreTheDisksTheSourceThePolicyAndTheNodes() {
        decide(nodes, requests());
        Placement placement = placement(nodes);
        placement.migratable(requests().build(), 2 * GIB, nodes.nodes().getFirst(), this::verdict);
        placement.migratable(requests().build(), GIB, nodes.nodes().getLast(), this::verdict);
        new Placement(nodes, List.of(), new PlacementPolicy(2, Strategy.Pack))
                .migratable(requests().build(), GIB, nodes.nodes().getFirst(), this::verdict);
        decide(nodes.withDead(Set.of("host-b")), requests());
        decide(new NodeSnapshot(nodes.nodes()), requests());

        assertThat(decided).isEqualTo(6);
        decide(nodes.withDead(Set.of("host-b")), requests());
        assertThat(decided).as("the same nodes are dead").isEqualTo(6);
    }

    /** Where other VMs are is not known to the snapshot. */
    @Test
    void aVmWhosePlaceDependsOnOthersHasItsOwn() {
        PlacedVm other = new PlacedVm("db", Map.of(), List.of(), Set.of("host-b"));
        Placement besides = new Placement(nodes, List.of(other), PlacementPolicy.DEFAULT);
        Affinity affinity = Vms.apartFrom(Map.of("app", "db"));
        for (int i = 0; i < 2; i++) {
            besides.migratable(requests().build(), GIB, nodes.nodes().getFirst(), this::verdict);
            decide(nodes, requests().constraints(Constraints.of(null, null, affinity, null)));
        }

        assertThat(decided).isEqualTo(4);
    }

    @Test
    void needsOfAllKindsFillNoMemory() {
        for (int cores = 1; cores <= 2_000; cores++) {
            decide(nodes, requests().cores(cores));
        }
        decided = 0;
        for (int cores = 1; cores <= 2_000; cores++) {
            decide(nodes, requests().cores(cores));
        }

        assertThat(decided).as("half of them are kept").isEqualTo(1_000);
    }

    private void decide(NodeSnapshot among, RequestsBuilder requests) {
        placement(among).migratable(requests.build(), GIB, among.nodes().getFirst(), this::verdict);
    }

    private Problem verdict(MigrationTargets targets) {
        decided++;
        return new Problem(Reason.Migratable, targets.message());
    }

    private static Placement placement(NodeSnapshot nodes) {
        return new Placement(nodes, List.of(), PlacementPolicy.DEFAULT);
    }

    private static RequestsBuilder requests() {
        return RequestsDraft.requests();
    }

    private static NodeDraft node(String name) {
        return NodeDraft.node(name);
    }

    private static List<String> components(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
    }
}
