package io.trustedlaunch.operator.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.migration.PendingMigrations.Pending;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PendingMigrationsTest {
    private static final Problem FULL = new Problem(Reason.NoNodeFits, "host-b: 1Gi of memory are free");

    private final PendingMigrations pending = new PendingMigrations();
    private final List<ResourceID> triggered = new ArrayList<>();
    private final TrustedLaunchVM vm = new TrustedLaunchVM();
    private final VMMigration migration = migration("uid-1");

    @BeforeEach
    void start() {
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("tenant")
                .withName("payroll")
                .build());
        pending.changes().setEventHandler(event -> triggered.add(event.getRelatedCustomResourceID()));
        pending.changes().start();
    }

    @Test
    void aProblemIsKnownAndTriggersAPass() {
        pending.report(vm, List.of(new Pending(migration, FULL)));
        assertThat(pending.problem(migration)).contains(FULL);
        assertThat(triggered).containsExactly(new ResourceID("move", "tenant"));
    }

    @Test
    void aNewMessageIsKnownAndTriggersNothing() {
        pending.report(vm, List.of(new Pending(migration, FULL)));
        triggered.clear();
        Problem stillFull = new Problem(FULL.reason(), "host-b: 2Gi of memory are free");
        pending.report(vm, List.of(new Pending(migration, stillFull)));
        assertThat(pending.problem(migration)).contains(stillFull);
        assertThat(triggered).isEmpty();
    }

    @Test
    void whatIsNotReportedAgainIsForgotten() {
        pending.report(vm, List.of(new Pending(migration, FULL)));
        pending.report(vm, List.of());
        assertThat(pending.problem(migration)).isEmpty();
    }

    @Test
    void anotherMigrationOfTheSameNameHasNoProblemYet() {
        pending.report(vm, List.of(new Pending(migration, FULL)));
        assertThat(pending.problem(migration("uid-2"))).isEmpty();
    }

    private static VMMigration migration(String uid) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace("tenant")
                .withName("move")
                .withUid(uid)
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), null));
        return migration;
    }
}
