package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.PlacedVm;
import io.trustedlaunch.testkit.Incarnations;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which other VMs of its namespace a VM has to do with, and where they are. */
class VmAffinityGathererTest {
    private final FakeCluster cluster = new FakeCluster(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeApiServer server = cluster.server();
    private final AssumedPlacements promises = new AssumedPlacements();

    @Test
    void aVmIsWhereItsIncarnationsThatAreNotOverAre() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        incarnation("db-1", 1, "host-c", Phase.Stopped, "uid-of-db-1");
        incarnation("db-1", 2, "host-a", Phase.Running, "uid-of-db-1");
        incarnation("db-1", 3, "host-b", Phase.Receiving, "uid-of-db-1");
        assertThat(neighbours(vm)).singleElement().satisfies(other -> {
            assertThat(other.name()).isEqualTo("db-1");
            assertThat(other.labels()).isEqualTo(Map.of("app", "db"));
            assertThat(other.keepsApart()).hasSize(1);
            assertThat(other.nodes()).isEqualTo(Set.of("host-a", "host-b"));
        });
    }

    @Test
    void aVmIsNotItsOwnNeighbour() {
        TrustedLaunchVM vm = vm("payroll");
        incarnation("payroll", 1, "host-a", Phase.Running, "uid-of-payroll");
        assertThat(neighbours(vm)).isEmpty();
    }

    @Test
    void aVmThatDoesNotRunIsNowhere() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        incarnation("db-1", 1, "host-a", Phase.Stopped, "uid-of-db-1");
        assertThat(neighbours(vm)).isEmpty();
    }

    @Test
    void aVmThatWasJustPlacedIsThereBeforeItsIncarnationIs() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        AssumedPlacements.View before = view();
        promises.promise(before, new AssumedPlacements.Promise("uid-of-db-1", 1, "host-a", Allocated.NONE));
        assertThat(neighbours(vm)).extracting(PlacedVm::nodes).containsExactly(Set.of("host-a"));
        assertThatThrownBy(() -> promises.promise(
                        before, new AssumedPlacements.Promise("uid-of-payroll", 1, "host-a", Allocated.NONE)))
                .as("decided without having seen it")
                .isInstanceOf(StaleViewException.class);
    }

    @Test
    void incarnationsOfAnotherVmObjectAreIgnored() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        incarnation("db-1", 1, "host-a", Phase.Running, "uid-of-another");
        assertThat(neighbours(vm)).isEmpty();
    }

    private List<PlacedVm> neighbours(TrustedLaunchVM vm) {
        return new VmAffinityGatherer(cluster.operator(server, "one", List.of())).neighbours(vm, view());
    }

    private AssumedPlacements.View view() {
        return promises.view(promise -> false);
    }

    private TrustedLaunchVM vm(String name) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName(name)
                .withUid("uid-of-" + name)
                .withLabels(Map.of("app", "db"))
                .build());
        vm.setSpec(Serialization.unmarshal("""
                imageRef: {name: ws2022}
                cores: 1
                memory: 1Gi
                affinity:
                  vmAntiAffinity:
                    requiredDuringSchedulingIgnoredDuringExecution:
                    - {labelSelector: {matchLabels: {app: db}}, topologyKey: kubernetes.io/hostname}
                """, TrustedLaunchVMSpec.class));
        return server.createIfAbsent(vm);
    }

    private void incarnation(String vm, long epoch, String node, Phase phase, String owner) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Incarnations.NAMESPACE)
                .withName(VMIncarnation.nameOf("uid-of-" + vm, epoch))
                .build());
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef("finance", vm, "uid-of-" + vm, owner))
                .epoch(epoch)
                .nodeName(node)
                .desiredState(Running)
                .firstStart(false)
                .build());
        incarnation.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .build());
        server.createIfAbsent(incarnation);
    }
}
