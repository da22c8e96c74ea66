package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.vm.Allocations.Reservation;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AllocationsTest {
    private static final Allocated SIZE = new Allocated(2, 1L << 30);

    private final Allocations allocations = new Allocations();
    private final TrustedLaunchVM vm = vm(Vms.UID);

    @Test
    void aReservationCountsUntilItsIncarnationDoes() {
        allocations.reserve(vm, new Reservation(1, "host-a", SIZE));
        assertThat(allocations.byNode()).isEqualTo(Map.of("host-a", SIZE));
        VMIncarnation incarnation = incarnation(1, Phase.Running);
        allocations.seen(incarnation);
        allocations.seen(incarnation);
        assertThat(allocations.byNode()).isEqualTo(Map.of("host-a", allocated(incarnation)));
        allocations.gone(incarnation);
        assertThat(allocations.byNode()).isEmpty();
    }

    @Test
    void anIncarnationThatIsOverCountsNoLongerAndNeitherDoesItsEpoch() {
        allocations.seen(incarnation(1, Phase.Running));
        allocations.seen(incarnation(1, Phase.Stopped));
        assertThat(allocations.byNode()).isEmpty();
        assertThat(allocations.nodesOf(vm)).isEmpty();
        allocations.onRecord(vm, List.of(new Reservation(1, "host-a", SIZE)));
        assertThat(allocations.byNode()).isEmpty();
    }

    /** For example because the write of the status failed, or the migration was cancelled before it began. */
    @Test
    void aReservationThatIsNotOnRecordCountsNoLonger() {
        allocations.onRecord(vm, List.of(new Reservation(1, "host-a", SIZE), new Reservation(2, "host-b", SIZE)));
        allocations.onRecord(vm("another VM"), List.of());
        assertThat(allocations.nodesOf(vm)).containsExactlyInAnyOrder("host-a", "host-b");
        allocations.onRecord(vm, List.of(new Reservation(1, "host-a", SIZE)));
        assertThat(allocations.byNode()).isEqualTo(Map.of("host-a", SIZE));
        allocations.onRecord(vm, List.of(new Reservation(1, "host-b", SIZE)));
        assertThat(allocations.byNode()).isEqualTo(Map.of("host-b", SIZE));
    }

    @Test
    void incarnationsOfAVmThatIsGoneCountUntilTheyAreGone() {
        allocations.seen(incarnation(1, Phase.Running));
        allocations.reserve(vm, new Reservation(2, "host-b", SIZE));
        allocations.forget(vm);
        assertThat(allocations.byNode()).containsOnlyKeys("host-a");
        allocations.listed(List.of());
        assertThat(allocations.byNode()).isEmpty();
    }

    @Test
    void ofManyWhoChooseAtOnceAsManyAreServedAsThereIsRoomFor() throws Exception {
        int roomOfANode = 3;
        List<String> nodes = List.of("host-a", "host-b", "host-c", "host-d");
        List<Callable<Optional<String>>> planners = IntStream.range(0, 500)
                .<Callable<Optional<String>>>mapToObj(i -> () -> allocations.exclusively(() -> {
                    Map<String, Allocated> seen = allocations.byNode();
                    Thread.yield();
                    Optional<String> chosen = nodes.stream()
                            .filter(node ->
                                    seen.getOrDefault(node, Allocated.NONE).cores() < roomOfANode * SIZE.cores())
                            .findFirst();
                    chosen.ifPresent(node -> allocations.reserve(vm("vm-" + i), new Reservation(1, node, SIZE)));
                    return chosen;
                }))
                .toList();
        List<Optional<String>> chosen = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (Future<Optional<String>> one : threads.invokeAll(planners)) {
                chosen.add(one.get());
            }
        }
        assertThat(chosen.stream().flatMap(Optional::stream)).hasSize(roomOfANode * nodes.size());
        assertThat(allocations.byNode()).containsOnlyKeys(nodes);
        assertThat(allocations.byNode().values())
                .allMatch(allocated -> allocated.cores() == roomOfANode * SIZE.cores());
    }

    private static TrustedLaunchVM vm(String uid) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setUid(uid);
        return vm;
    }

    private static VMIncarnation incarnation(long epoch, Phase phase) {
        return Incarnations.incarnation(
                Incarnations.spec(epoch)
                        .vmRef(new VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, Vms.UID))
                        .nodeName("host-a")
                        .build(),
                Incarnations.status(phase).build());
    }

    private static Allocated allocated(VMIncarnation incarnation) {
        return new Allocated(
                incarnation.getSpec().machine().cores(),
                incarnation.getSpec().machine().memoryBytes());
    }
}
