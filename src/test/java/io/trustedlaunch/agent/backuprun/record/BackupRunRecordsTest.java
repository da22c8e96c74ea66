package io.trustedlaunch.agent.backuprun.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.BackupResults;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a later process reads is what an earlier one has saved. */
class BackupRunRecordsTest {
    private static final BackupRunRecord BEGUN = BackupRunRecordBuilder.builder()
            .run(UUID.randomUUID())
            .vm(UUID.randomUUID())
            .epoch(3)
            .storage(Optional.of("/vms"))
            .location(BackupLocations.ref("backups", "/backups"))
            .result(Optional.empty())
            .problem(Optional.empty())
            .build();

    @TempDir
    Path folder;

    @Test
    void eachStateOfARunIsReadBack() {
        for (BackupRunRecord record : List.of(
                BEGUN,
                BEGUN.withPausing(true),
                BEGUN.withFreezing(true),
                BEGUN.withResult(BackupResults.full().build()),
                BEGUN.withResult(BackupResults.full()
                        .dataDisks(List.of("data", "logs.7"))
                        .build()),
                BEGUN.withProblem(new Problem(Reason.GuestNotHere, "its guest is not here")))) {
            new BackupRunRecords(folder).save(record);

            assertThat(new BackupRunRecords(folder).find(record.run())).contains(record);
        }
    }
}
