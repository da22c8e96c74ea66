package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;

class MigrationRetentionTest extends JumpingClocksContract {
    @Override
    protected Duration pause() {
        return Duration.ofDays(7);
    }

    @Override
    protected boolean waits(Instant since, Instant now) {
        VMMigration migration = new VMMigration();
        migration.setStatus(VMMigrationStatusBuilder.builder()
                .completionTime(since.toString())
                .build());
        return MigrationReconciler.left(migration, pause(), now).isPositive();
    }
}
