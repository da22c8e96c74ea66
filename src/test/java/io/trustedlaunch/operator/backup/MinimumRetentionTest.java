package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.Folder;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.kube.ApiReader;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MinimumRetentionTest {
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration MONTH = Duration.ofHours(720);
    private static final MinimumRetention RETENTION = new MinimumRetention(MONTH);

    private static VMBackup backup(Instant created, UnaryOperator<VMBackupStatusBuilder> change) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withName("monday")
                .withCreationTimestamp(created.toString())
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(change.apply(VMBackupStatusBuilder.builder()
                        .phase(Phase.Completed)
                        .startTime(MADE.toString())
                        .completionTime(MADE.toString())
                        .result(BackupResultBuilder.builder()
                                .time(MADE.toString())
                                .build()))
                .build());
        return backup;
    }

    private static final VMBackup BACKUP = backup(MADE, status -> status);

    private static ClusterTime at(Instant time) {
        return new ClusterTime(time, Optional.of(time));
    }

    private static Optional<Reason> reason(MinimumRetention retention, VMBackup backup, ClusterTime time) {
        return retention.problem(backup, time).map(Problem::reason);
    }

    @Test
    void theFilesStayUntilTheTimeHasPassed() {
        assertThat(RETENTION.problem(BACKUP, at(MADE.plus(MONTH).minusSeconds(1))))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.MinimumRetention);
                    assertThat(problem.message()).contains("BackupLocation nas", "until 2026-01-31T00:00:00Z");
                });
        assertThat(RETENTION.problem(BACKUP, at(MADE.plus(MONTH)))).isEmpty();
        assertThat(MinimumRetention.NONE.problem(BACKUP, new ClusterTime(MADE, Optional.empty())))
                .as("without one, the time does not matter")
                .isEmpty();
    }

    /** Whoever writes a status dates nothing back: the API server says when the record was made. */
    @Test
    void theLatestInstantOnRecordCounts() {
        Instant now = MADE.plus(MONTH);
        assertThat(reason(RETENTION, backup(MADE.plusSeconds(60), status -> status), at(now)))
                .as("an import counts from itself")
                .contains(Reason.MinimumRetention);
        String later = MADE.plusSeconds(60).toString();
        for (VMBackup backup : List.of(
                backup(MADE, status -> status.startTime(later)),
                backup(MADE, status -> status.completionTime(later)),
                backup(
                        MADE,
                        status -> status.result(
                                BackupResultBuilder.builder().time(later).build())))) {
            assertThat(reason(RETENTION, backup, at(now))).contains(Reason.MinimumRetention);
            assertThat(RETENTION.problem(backup, at(now.plusSeconds(60)))).isEmpty();
        }
        VMBackup failed = backup(MADE, status -> status.phase(Phase.Failed).result(null));
        assertThat(reason(RETENTION, failed, at(MADE))).contains(Reason.MinimumRetention);
    }

    @Test
    void whatIsDatedLaterThanNowStays() {
        VMBackup ofFuture = backup(
                MADE,
                status -> status.result(BackupResultBuilder.builder()
                        .time("2030-01-01T00:00:00Z")
                        .build()));
        assertThat(reason(RETENTION, ofFuture, at(MADE.plus(MONTH)))).contains(Reason.MinimumRetention);
    }

    /** An hour, a day, four years; and back. */
    @ParameterizedTest
    @ValueSource(longs = {1, 24, 35_064, -1, -24, -35_064})
    void oneClockThatJumpsRemovesNothing(long hours) {
        Duration jump = Duration.ofHours(hours);
        for (Instant right : List.of(MADE, MADE.plus(MONTH).minusSeconds(1), MADE.plus(MONTH))) {
            assertThat(reason(RETENTION, BACKUP, new ClusterTime(right.plus(jump), Optional.of(right))))
                    .contains(Reason.ClocksDiffer);
            assertThat(reason(RETENTION, BACKUP, new ClusterTime(right, Optional.of(right.plus(jump)))))
                    .contains(Reason.ClocksDiffer);
        }
        assertThat(reason(RETENTION, BACKUP, new ClusterTime(MADE.plus(MONTH), Optional.empty())))
                .as("without the API server's clock")
                .contains(Reason.ClocksDiffer);
    }

    private static BackupLocation location(String name, String folder, String minimumRetention) {
        BackupLocation location = new BackupLocation();
        location.setMetadata(new ObjectMetaBuilder().withName(name).build());
        location.setSpec(BackupLocationSpecBuilder.builder()
                .folder(new Folder(folder))
                .minimumRetention(minimumRetention)
                .build());
        return location;
    }

    @Test
    void aSecondLocationOfTheSameFolderShortensNothing() {
        BackupLocation nas = location("nas", "/backups", null);
        BackupLocation strict = location("strict", "/backups", "720h");
        BackupLocation other = location("other", "/other", "99999h");
        List<BackupLocation> all = List.of(other, nas, strict);
        assertThat(MinimumRetention.of(nas, all.stream())).isEqualTo(RETENTION);
        assertThat(MinimumRetention.of(strict, all.stream())).isEqualTo(RETENTION);
        assertThat(MinimumRetention.of(nas, Stream.of(other))).isEqualTo(MinimumRetention.NONE);
    }

    /** Caches may be late. */
    @Test
    void beforeFilesGoTheApiServerIsAsked() {
        List<BackupLocation> served = new ArrayList<>();
        RemovalGuard guard = new RemovalGuard(
                "operators",
                (ApiReader) Proxy.newProxyInstance(
                        ApiReader.class.getClassLoader(),
                        new Class<?>[] {ApiReader.class},
                        (proxy, method, given) -> switch (method.getName()) {
                            case "backupLocations" -> served;
                            case "vms", "protectionKeys" -> List.of();
                            default -> throw new UnsupportedOperationException(method.getName());
                        }),
                () -> at(MADE.plus(MONTH).minusSeconds(1)));
        assertThat(guard.problem(BACKUP)).map(Problem::reason).contains(Reason.BackupLocationNotFound);
        served.add(location("nas", "/backups", null));
        assertThat(guard.problem(BACKUP)).isEmpty();
        served.add(location("strict", "/backups", "720h"));
        assertThat(guard.problem(BACKUP)).map(Problem::reason).contains(Reason.MinimumRetention);
    }
}
