package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Quotas;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guests under a quota: which of them run, and which go on. Each VM has two cores. */
class QuotasTest {
    private static final Charge OFF = new Charge(null, null, new Quantity("10Gi"), null);

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");

    @BeforeEach
    void start() {
        cluster.server.put(Quotas.quota("team", hard -> hard.cores(3L)));
        cluster.start();
        cluster.assertRunsOn("host-a");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aSecondGuestStartsOnceTheFirstIsOff() {
        cluster.turnTo("second");
        cluster.apply(ClusterUnderTest.anotherVm("second", 1));
        cluster.rounds(4);
        cluster.assertDoesNotRun();
        assertThat(ready()).isEqualTo(Reason.QuotaExceeded.name());

        cluster.turnTo(Vms.NAME);
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.turnTo("second");
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());
        cluster.turnTo(Vms.NAME);
        assertThat(cluster.status().charged()).isEqualTo(OFF);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.rounds(4);
        cluster.assertDoesNotRun();
        assertThat(ready()).isEqualTo(Reason.QuotaExceeded.name());
    }

    /** Also when its host is started anew, and another VM waits for its part. */
    @Test
    void whatRunsGoesOnWhenTheQuotaShrinks() {
        cluster.server.put(Quotas.quota("team", hard -> hard.vms(0L).cores(0L).storage(new Quantity("0"))));
        cluster.turnTo("second");
        cluster.apply(ClusterUnderTest.anotherVm("second", 1));
        cluster.turnTo(Vms.NAME);
        cluster.rounds(4);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(1);

        a.powerOff();
        cluster.rounds(3);
        a.powerOn();
        cluster.roundsUntil(
                () -> cluster.runningOn().isPresent() && cluster.status().epoch() == 2);
        cluster.turnTo("second");
        cluster.assertDoesNotRun();
    }

    @Test
    void aFailoverIsNotRefused() {
        cluster.server.put(Quotas.quota("team", hard -> hard.vms(0L).cores(0L)));
        cluster.users.edit(spec -> spec.cores(4));
        cluster.faults.fence(a);
        cluster.roundsUntil(() -> cluster.runningOn().filter("host-b"::equals).isPresent());
        assertThat(cluster.status().charged().cores()).as("it counts").isEqualTo(4);
    }

    @Test
    void aMigrationCountsOnceAndWaitsForTheQuotaOfMigrations() {
        cluster.server.put(Quotas.quota("team", hard -> hard.cores(2L).migrations(0L)));
        VMMigration migration = cluster.users.requestMigration("host-b");
        cluster.rounds(3);
        cluster.assertRunsOn("host-a");
        assertThat(reason(migration)).isEqualTo(Reason.QuotaExceeded.name());

        cluster.server.put(Quotas.quota("team", hard -> hard.cores(2L).migrations(1L)));
        cluster.settle();
        cluster.assertRunsOn("host-b");
    }

    @Test
    void aNewLeaderKeepsToTheQuota() {
        cluster.turnTo("second");
        cluster.apply(ClusterUnderTest.anotherVm("second", 1));
        for (int leader = 0; leader < 3; leader++) {
            cluster.operators.newLeader();
            cluster.rounds(3);
            cluster.assertDoesNotRun();
        }
        cluster.turnTo(Vms.NAME);
        cluster.assertRunsOn("host-a");
    }

    private String ready() {
        return ConditionType.Ready.in(cluster.status().conditions())
                .orElseThrow()
                .getReason();
    }

    private String reason(VMMigration migration) {
        return cluster.server
                .find(VMMigration.class, migration.getMetadata().getName())
                .orElseThrow()
                .getStatus()
                .conditions()
                .getFirst()
                .getReason();
    }
}
