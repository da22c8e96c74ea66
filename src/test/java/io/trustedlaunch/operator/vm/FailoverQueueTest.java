package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capacity;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.FailoverStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** VMs run on host-a, which then is proved dead. All nodes share the storage location. */
class FailoverQueueTest {
    private final FakeApiServer server = new FakeApiServer();
    private Instant now = SealingNodes.NOW;

    @BeforeEach
    void prepare() {
        StorageLocation location = Nodes.storageLocation();
        location.setStatus(Nodes.sharedBy(List.of("host-a")));
        server.put(location);
        server.put(Networks.network("default"));
        server.put(GuestImages.image());
        server.put(GuestImages.policy());
        priorityClass("high", 1000);
        server.put(node("host-a"));
    }

    @Test
    void aNodeStartsFourAtATimeAndTheOthersFollowAsTheyRun() {
        running(10, small -> small);
        FakeOperator operator = deathOfHostA("host-b", "host-c");
        passes(operator);

        assertThat(onNode("host-b")).isEqualTo(4);
        assertThat(onNode("host-c")).isEqualTo(4);
        assertThat(vms().filter(vm -> ready(vm).equals(Reason.FailoverQueued.name())))
                .hasSize(2);

        run();
        passes(operator);
        assertThat(onNode("host-a")).isZero();
    }

    @Test
    void inAllTwentyStartAtATime() {
        running(24, tiny -> tiny.memory(new Quantity("64Mi")));
        deathOfHostA("host-b", "host-c", "host-d", "host-e", "host-f", "host-g").pass();

        assertThat(onNode("host-a")).isEqualTo(4);
    }

    @Test
    void whoHasAHigherPriorityGetsTheRoomThatIsLeft() {
        TrustedLaunchVM low = running("low", large -> large);
        TrustedLaunchVM high = running("high", large -> large.priorityClassName("high"));
        FakeOperator operator = deathOfHostA("host-b");

        operator.pass(low);
        assertThat(ready(find("low"))).isEqualTo(Reason.FailoverQueued.name());
        operator.pass(high);
        operator.look();
        operator.pass(low);
        assertThat(find("high").getStatus().nodeName()).isEqualTo("host-b");
        assertThat(ready(find("low"))).isEqualTo(Reason.NoNodeFits.name());
    }

    @Test
    void whoeverWaitsIsWokenAsSoonAsItMayBeItsTurn() {
        TrustedLaunchVM low = running("low", large -> large);
        TrustedLaunchVM high = running("high", large -> large.priorityClassName("high"));
        FakeOperator operator = deathOfHostA("host-b");

        operator.pass(low);
        assertThat(operator.woken()).isEmpty();
        operator.pass(high);
        assertThat(operator.woken()).containsExactly("low");
    }

    @Test
    void theDefaultClassCountsForAVmThatNamesNone() {
        TrustedLaunchVM named = running("named", large -> large.priorityClassName("high"));
        running("unnamed", large -> large);
        server.put(new PriorityClassBuilder()
                .withNewMetadata()
                .withName("default")
                .endMetadata()
                .withValue(2000)
                .withGlobalDefault(true)
                .build());
        deathOfHostA("host-b").pass(named);

        assertThat(ready(find("named"))).isEqualTo(Reason.FailoverQueued.name());
    }

    @Test
    void oneThatStaysHoldsUpNoOther() {
        TrustedLaunchVM stays =
                running("stays", large -> large.priorityClassName("high").failoverStrategy(FailoverStrategy.None));
        TrustedLaunchVM low = running("low", large -> large);
        FakeOperator operator = deathOfHostA("host-b");

        operator.pass(low);
        assertThat(ready(find("low"))).isEqualTo(Reason.FailoverQueued.name());
        operator.pass(stays);
        operator.pass(low);
        assertThat(find("low").getStatus().nodeName()).isEqualTo("host-b");
    }

    @Test
    void oneThatNoNodeHasRoomForHoldsUpNoOther() {
        TrustedLaunchVM high = running("high", large -> large.priorityClassName("high"));
        TrustedLaunchVM other = running("other", large -> large.priorityClassName("high"));
        running(1, small -> small);
        FakeOperator operator = deathOfHostA("host-b");

        operator.pass(high);
        operator.pass(other);
        operator.pass(find("vm-0"));
        assertThat(ready(find("other"))).isEqualTo(Reason.NoNodeFits.name());
        assertThat(find("vm-0").getStatus().nodeName()).isEqualTo("host-b");
    }

    @Test
    void oneThatIsNeverLookedAtHoldsUpTheOthersForThreeMinutes() {
        running("high", large -> large.priorityClassName("high"));
        TrustedLaunchVM low = running("low", large -> large);
        FakeOperator operator = deathOfHostA("host-b");

        operator.pass(low);
        assertThat(ready(find("low"))).isEqualTo(Reason.FailoverQueued.name());
        now = now.plus(FailoverQueue.HELD_UP);
        operator.pass(low);
        assertThat(find("low").getStatus().nodeName()).isEqualTo("host-b");
    }

    @Test
    void startsThatAreHeldUpHoldUpTheOthersForThreeMinutes() {
        running(5, small -> small);
        FakeOperator operator = deathOfHostA("host-b");
        operator.pass();
        assertThat(onNode("host-b")).isEqualTo(4);

        now = now.plus(FailoverQueue.HELD_UP);
        operator.look();
        operator.pass();
        assertThat(onNode("host-b")).isEqualTo(5);
    }

    @Test
    void startsThatAreHeldUpTakeNoRoomFromThoseThatAreWoken() {
        running(24, tiny -> tiny.memory(new Quantity("64Mi")));
        FakeOperator operator = deathOfHostA("host-b", "host-c", "host-d", "host-e", "host-f", "host-g");
        operator.pass();
        assertThat(onNode("host-a")).isEqualTo(4);

        now = now.plus(FailoverQueue.HELD_UP);
        String started = vms().filter(vm -> !vm.getStatus().nodeName().equals("host-a"))
                .findFirst()
                .orElseThrow()
                .getMetadata()
                .getName();
        server.edit(TrustedLaunchVM.class, started, vm -> {
            vm.setStatus(TrustedLaunchVMStatusBuilder.builder(vm.getStatus())
                    .phase(TrustedLaunchVMStatus.Phase.Running)
                    .build());
            return vm;
        });
        operator.look();
        operator.pass(find(started));
        assertThat(operator.woken()).hasSize(4);
    }

    @Test
    void aNewLeaderCountsTheStartsOfTheLastOne() {
        running(5, small -> small);
        deathOfHostA("host-b").pass();
        leading("next", "host-b").pass();

        assertThat(onNode("host-b")).isEqualTo(4);
    }

    private void running(int count, UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        IntStream.range(0, count)
                .forEach(number ->
                        vm("vm-" + number, spec -> change.apply(spec.cores(1).memory(new Quantity("256Mi")))));
        start();
    }

    private TrustedLaunchVM running(String name, UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        vm(name, spec -> change.apply(spec.memory(new Quantity("3Gi"))));
        start();
        server.edit(TrustedLaunchVM.class, name, vm -> {
            vm.setSpec(TrustedLaunchVMSpecBuilder.builder(vm.getSpec())
                    .memory(new Quantity("6Gi"))
                    .build());
            return vm;
        });
        return find(name);
    }

    /** As many as the steps of a start. */
    private static void passes(FakeOperator operator) {
        IntStream.range(0, 4).forEach(step -> {
            operator.look();
            operator.pass();
        });
    }

    private void start() {
        FakeOperator operator = leading("first", "host-a");
        operator.pass();
        run();
        operator.look();
        operator.pass();
        assertThat(vms().map(vm -> vm.getStatus().phase())).containsOnly(TrustedLaunchVMStatus.Phase.Running);
    }

    private void vm(String name, UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        TrustedLaunchVM vm = Vms.vm(change.apply(Vms.spec()).build());
        vm.getMetadata().setName(name);
        vm.getMetadata().setUid("uid-of-" + name);
        server.createIfAbsent(vm);
    }

    private void run() {
        server.seen(VMIncarnation.class)
                .filter(incarnation -> incarnation.getStatus() == null)
                .toList()
                .forEach(incarnation -> {
                    incarnation.setStatus(Incarnations.reported(Phase.Running).build());
                    server.put(incarnation);
                });
    }

    private static ClusterNode node(String name) {
        ClusterNode node = SealingNodes.node(name);
        node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                .capacity(new Capacity(64, new Quantity("64Gi")))
                .build());
        return node;
    }

    private FakeOperator deathOfHostA(String... others) {
        List.of(others).forEach(node -> server.put(node(node)));
        StorageLocation location = server.find(StorageLocation.class, "default").orElseThrow();
        location.setStatus(Nodes.sharedBy(server.all(ClusterNode.class)
                .map(node -> node.getMetadata().getName())
                .toList()));
        server.put(location);
        server.put(proof());
        return leading("second", others);
    }

    private static NodeFence proof() {
        NodeFenceSpec spec = new NodeFenceSpec("host-a", Nodes.BOOT, NodeFenceSpec.Method.Statement);
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder()
                .withName(NodeFence.nameOf(spec.nodeName(), spec.bootID()))
                .build());
        fence.setSpec(spec);
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(NodeFenceStatus.Phase.Proved)
                .since(SealingNodes.NOW.toString())
                .build());
        return fence;
    }

    private FakeOperator leading(String identity, String... alive) {
        return LeadingOperator.of(server, identity, () -> now, List.of(alive));
    }

    private void priorityClass(String name, int value) {
        server.put(new PriorityClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withValue(value)
                .build());
    }

    private Stream<TrustedLaunchVM> vms() {
        return server.seen(TrustedLaunchVM.class);
    }

    private TrustedLaunchVM find(String name) {
        return server.find(TrustedLaunchVM.class, name).orElseThrow();
    }

    private static String ready(TrustedLaunchVM vm) {
        return Conditions.find(vm.getStatus().conditions(), ConditionType.Ready)
                .orElseThrow()
                .getReason();
    }

    private long onNode(String node) {
        return vms().filter(vm -> node.equals(vm.getStatus().nodeName())).count();
    }
}
