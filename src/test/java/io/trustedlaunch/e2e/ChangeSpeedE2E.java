package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.AuditLog.Request;
import io.trustedlaunch.testkit.GuestWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Measures what a disk that is added costs a guest that runs, and one that waits a restart; asserts no figure. */
@Tag("campaign")
class ChangeSpeedE2E {
    private static final int ROUNDS = Integer.getInteger("speed.rounds", 7);
    private static final String GUEST = "guest";
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final Set<String> OF_THE_VM =
            Set.of("trustedlaunchvms", "trustedlaunchvms/status", "vmincarnations", "vmincarnations/status");

    /** Those of the guest's counts, which its watch needs, do not mix with what a command prints. */
    private static final String BUSY = "dirty 2";

    @Test
    void aDiskForAGuestThatRuns() throws IOException {
        try (Stage stage = Stage.open("change-speed")) {
            AuditLog audit = new AuditLog(stage.lab.auditLog());
            MigratingGuest guest = MigratingGuest.start(stage, stage.vm(GUEST), BUSY);
            try (ConsoleUser user = new ConsoleUser(stage, GUEST);
                    GuestWatch watch = GuestWatch.of(stage.lab, guest.uid())) {
                GuestPrompt prompt = new GuestPrompt(stage, guest.uid(), user);
                for (int round = 1; round <= ROUNDS; round++) {
                    String disk = "disk-" + round + ".1";
                    prompt.does("disk-await " + disk, "awaits-disk=" + disk);
                    long logged = audit.end();
                    watch.longestPause();
                    long begin = System.nanoTime();
                    want(stage, List.of("disk-" + round));
                    await("the guest to have " + disk)
                            .atMost(Stage.TIMEOUT)
                            .pollInterval(LOOK)
                            .until(() -> stage.console(guest.uid()).contains("PROOF has-disk=" + disk));
                    Duration seen = since(begin);
                    stage.awaitDataDisks(GUEST, disk);
                    Duration reported = since(begin);
                    Duration pause = watch.longestPause();
                    List<Request> writes = audit.productRequests(
                            logged, request -> request.writes() && OF_THE_VM.contains(request.resource()));
                    await("as long without a change").pollDelay(reported).until(() -> true);
                    System.out.printf(
                            "CHANGE seen after %d ms, longest pause %d ms, without a change %d ms, writes %d: %s%n",
                            seen.toMillis(),
                            pause.toMillis(),
                            watch.longestPause().toMillis(),
                            writes.size(),
                            writes);
                    // A guest has room for four until its next start.
                    want(stage, List.of());
                    stage.awaitDataDisks(GUEST);
                }
            }
            assertThat(guest.vm().getStatus().epoch())
                    .as("it was not restarted")
                    .isEqualTo(1);
        }
    }

    /** SATA takes nothing while the guest runs. In turn, so that what else the machine does meets both. */
    @Test
    void aRestartThatCarriesADisk() {
        try (Stage stage = Stage.open("restart-speed")) {
            stage.create(stage.vmInFirmware(GUEST));
            stage.awaitRunning(GUEST);
            stage.patchSpec(GUEST, "{\"diskBus\": \"SATA\"}");
            stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.SpecChanged);
            stage.restart(GUEST);
            List<String> disks = new ArrayList<>();
            for (int round = 1; round <= ROUNDS; round++) {
                long plain = restart(stage).toMillis();
                disks.add("disk-" + round);
                want(stage, disks);
                stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.SpecChanged);
                System.out.println(
                        "CHANGE restart with a disk " + restart(stage).toMillis() + " ms, plain " + plain + " ms");
            }
            assertThat(stage.get(GUEST).getStatus().dataDisks()).hasSize(ROUNDS);
        }
    }

    private static Duration restart(Stage stage) {
        long epoch = stage.get(GUEST).getStatus().epoch();
        long begin = System.nanoTime();
        stage.lab.kubectl("tlvm", "restart", GUEST, "-n", stage.namespace).orFail();
        await("the next start")
                .atMost(Stage.TIMEOUT)
                .pollInterval(LOOK)
                .until(
                        () -> stage.get(GUEST),
                        vm -> vm.getStatus().epoch() > epoch
                                && Stage.condition(vm, ConditionType.Ready)
                                        .filter(ready -> ready.getReason().equals(Reason.Running.name()))
                                        .isPresent());
        return since(begin);
    }

    private static void want(Stage stage, List<String> disks) {
        stage.patchSpec(
                GUEST,
                disks.stream()
                        .map(disk -> "{\"name\": \"" + disk + "\", \"size\": \"16Mi\"}")
                        .collect(Collectors.joining(", ", "{\"dataDisks\": [", "]}")));
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
