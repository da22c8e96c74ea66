package io.trustedlaunch.operator.backup;

import static io.trustedlaunch.operator.backup.Backups.full;
import static io.trustedlaunch.operator.backup.Backups.incremental;
import static io.trustedlaunch.operator.backup.Backups.reports;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.vm.DataDisk;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent reports it, and may be anybody's. */
class BackupReportTest {
    @Test
    void whatAnAgentMakesIsAcceptedInOneForm() {
        assertThat(of(full()))
                .isEqualTo(new BackupReport.Accepted(BackupResultBuilder.builder(full())
                        .stored(new Quantity("11Mi"))
                        .build()));
        assertThat(of(incremental())).isInstanceOf(BackupReport.Accepted.class);
        BackupReport.Accepted local =
                (BackupReport.Accepted) of(fullBut(result -> result.time("2026-01-01T12:59:30+01:00")));
        assertThat(local.result().time()).isEqualTo("2026-01-01T11:59:30Z");
    }

    @Test
    void theIndexHasADigest() {
        for (String digest : Arrays.asList(null, "", "AB".repeat(32), "ab".repeat(31), "ab".repeat(33))) {
            assertRefused(fullBut(result -> result.indexSHA256(digest)), "digest of the index");
        }
    }

    @Test
    void aFullOneSaysWhyAndAnIncrementalOneSinceWhat() {
        assertRefused(fullBut(result -> result.type(null)), "type is missing");
        assertRefused(fullBut(result -> result.fullReason(null)), "reason for reading everything");
        assertRefused(fullBut(result -> result.fullReason("Because")), "reason for reading everything");
        assertRefused(fullBut(result -> result.baseUID(Backups.BASE)), "the base is none");
        assertRefused(incrementalBut(result -> result.fullReason("NoBitmap")), "reason for reading everything");
        assertRefused(incrementalBut(result -> result.baseUID(null)), "the base is none");
        assertRefused(fullBut(result -> result.type(Type.Incremental).fullReason(null)), "the base is none");
    }

    @Test
    void aBaseIsOneThatWasOffered() {
        assertRefused(
                incrementalBut(result -> result.baseUID("00000000-0000-4000-8000-000000000002")),
                "none of the VM's backups in the location");
        assertRefused(incrementalBut(result -> result.baseUID("../x")), "none of the VM's backups");
    }

    @Test
    void theGuestStateIsOfTheRunsEpoch() {
        for (GuestStateVersion version : Arrays.asList(
                null,
                new GuestStateVersion(4L, 1L),
                new GuestStateVersion(2L, 1L),
                new GuestStateVersion(null, 1L),
                new GuestStateVersion(3L, null),
                new GuestStateVersion(3L, 0L))) {
            assertRefused(fullBut(result -> result.guestState(version)), "guest state");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-1Ki", "1e30", "1m", "1.5", "1k", "9999999999999999999", "99999999Ti", "1Ei"})
    void sizesAreNumbersOfBytes(String size) {
        assertRefused(fullBut(result -> result.stored(new Quantity(size))), "size");
        assertRefused(fullBut(result -> result.changed(new Quantity(size))), "size");
    }

    @Test
    void dataDisksAreThoseOfAVm() {
        assertThat(of(fullBut(result -> result.dataDisks(List.of("data", "logs.7")))))
                .isInstanceOf(BackupReport.Accepted.class);
        for (List<String> disks : List.of(
                List.of("data", "data"),
                List.of("../data"),
                List.of("logs.0"),
                IntStream.rangeClosed(0, DataDisk.MAX)
                        .mapToObj(disk -> "disk" + disk)
                        .toList())) {
            assertRefused(fullBut(result -> result.dataDisks(disks)), "data disks");
        }
    }

    @Test
    void noneIsMissing() {
        assertRefused(fullBut(result -> result.stored(null)), "size");
        assertRefused(fullBut(result -> result.changed(null)), "size");
        assertRefused(fullBut(result -> result.pauseMilliseconds(null)), "pause");
        assertRefused(fullBut(result -> result.pauseMilliseconds(-1L)), "pause");
    }

    @Test
    void whetherTheGuestWasQuiescedIsSaidIfItWasAsked() {
        BackupRun asked = Backups.run(null, spec -> spec.quiesce(Quiesce.BestEffort));
        assertThat(of(asked, fullBut(result -> result.quiesced(true)))).isInstanceOf(BackupReport.Accepted.class);
        assertThat(of(asked, fullBut(result -> result.quiesced(false).notQuiescedReason("NoGuestAgent"))))
                .isInstanceOf(BackupReport.Accepted.class);
        for (BackupResult result : List.of(
                full(),
                fullBut(result -> result.quiesced(false)),
                fullBut(result -> result.quiesced(true).notQuiescedReason("NoGuestAgent")),
                fullBut(result -> result.quiesced(false).notQuiescedReason("Halted")))) {
            assertThat(of(asked, result)).isInstanceOf(BackupReport.Refused.class);
        }
        assertRefused(fullBut(result -> result.quiesced(true)), "should not have been");
        assertRefused(fullBut(result -> result.notQuiescedReason("FreezeFailed")), "should not have been");
    }

    @Test
    void ofAVmThatIsOffTheGuestStateIsTheOneOnRecord() {
        BackupRun off = Backups.run(null, spec -> spec.guestState(Backups.STOPPED));
        assertThat(of(off, fullBut(result -> result.guestState(Backups.STOPPED).fullReason("VMStopped"))))
                .isInstanceOf(BackupReport.Accepted.class);
        assertThat(of(off, full())).isInstanceOf(BackupReport.Refused.class);
    }

    @Test
    void theTimeIsThatOfTheRun() {
        for (String time : Arrays.asList(null, "", "yesterday", "2026-01-01", "+1000000-01-01T00:00:00Z")) {
            assertRefused(fullBut(result -> result.time(time)), "time");
        }
        for (String time : List.of("2026-01-01T10:58:59Z", "2026-01-01T13:00:01Z", "2036-01-01T12:00:00Z")) {
            assertRefused(fullBut(result -> result.time(time)), "is the node's clock wrong?");
        }
        assertThat(of(fullBut(result -> result.time("2026-01-01T12:59:59Z"))))
                .as("clocks differ")
                .isInstanceOf(BackupReport.Accepted.class);
    }

    private static BackupReport of(BackupResult result) {
        return BackupReport.of(Backups.run(reports(result)), Backups.NOW);
    }

    private static BackupReport of(BackupRun run, BackupResult result) {
        run.setStatus(reports(result));
        return BackupReport.of(run, Backups.NOW);
    }

    private static BackupResult fullBut(UnaryOperator<BackupResultBuilder> change) {
        return change.apply(BackupResultBuilder.builder(Backups.full())).build();
    }

    private static BackupResult incrementalBut(UnaryOperator<BackupResultBuilder> change) {
        return change.apply(BackupResultBuilder.builder(Backups.incremental())).build();
    }

    private static void assertRefused(BackupResult result, String why) {
        BackupReport report = of(result);
        assertThat(report).isInstanceOf(BackupReport.Refused.class);
        assertThat(((BackupReport.Refused) report).why()).contains(why);
    }
}
