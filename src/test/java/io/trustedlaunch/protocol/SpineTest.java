package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Without faults: the shortest proof that the two sides fit together. */
class SpineTest {
    @ParameterizedTest
    @EnumSource(Folders.class)
    void aVmStartsMigratesStopsStartsAndIsDeleted(Folders folders) {
        try (ClusterUnderTest cluster = new ClusterUnderTest(folders, "host-a", "host-b")) {
            cluster.start();
            assertThat(cluster.runningOn()).contains("host-a");
            cluster.ledger.work();

            cluster.users.requestMigration("host-b");
            cluster.settle();
            assertThat(cluster.runningOn()).contains("host-b");
            assertThat(cluster.server.seen(VMMigration.class))
                    .allSatisfy(migration ->
                            assertThat(migration.getStatus().completionTime()).isNotNull());
            cluster.ledger.work();

            cluster.users.changeStrategy(RunStrategy.Halted);
            cluster.settle();
            cluster.ledger.running().forEach(place -> place.host().hypervisor().powerOff(ClusterUnderTest.VM));
            cluster.settle();
            assertThat(cluster.runningOn()).isEmpty();

            cluster.users.changeStrategy(RunStrategy.Always);
            cluster.settle();
            assertThat(cluster.runningOn()).contains("host-b");
            assertThat(cluster.tpms.made()).isEqualTo(1);

            UUID vm = cluster.identity();
            cluster.users.delete();
            cluster.settle();
            cluster.users.assertNothingIsLeft(vm);
        }
    }
}
