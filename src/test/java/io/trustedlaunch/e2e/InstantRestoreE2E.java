package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** VMs that run while their disks are filled from a backup. */
@Tag("campaign")
class InstantRestoreE2E {
    private static final String PAYROLL = "payroll";
    private static final String COPY = "payroll-copy";

    /** Half a minute at least, so that there is time to see it; a guest may take longer to boot. */
    private static final String SLOW = "2Mi";

    private static final String PATTERN = "-P 7 0 64M";

    @Test
    void aCopyRunsWhileItsDisksAreFilledAlsoWithoutAnAgent() throws Exception {
        try (Stage stage = Stage.open("instant")) {
            saved(stage).limit(SLOW);

            stage.create(stage.vm(COPY).dataDisk("files", "256Mi").copyAtOnceOf("monday"));
            TrustedLaunchVM copy = stage.awaitRunning(COPY);
            String uid = copy.identity();
            String host = copy.getStatus().nodeName();
            stage.awaitReason(COPY, ConditionType.Migratable, Reason.DisksFilling);
            stage.lab.run("agent", host, "kill").orFail();
            assertThat(stage.get(COPY).getStatus().diskFill())
                    .as("its agent died before it was whole")
                    .isNotNull();
            stage.awaitBoots(uid, 1);
            assertThat(stage.console(uid)).contains("PROOF note=first", "PROOF nv=none");
            BackupRestoreE2E.write(stage, uid, COPY, "own");

            awaitWhole(stage, COPY);
            assertNothingIsLeft(stage, host);
            stage.writeToDataDisk(host, uid, "read " + PATTERN);
            stage.restart(COPY);
            stage.awaitBoots(uid, 2);
            assertThat(stage.consoleSince(uid, 2))
                    .as("what the guest wrote meanwhile is its own")
                    .contains("PROOF note=own", "PROOF nv=own");
            stage.writeToDataDisk(host, uid, "read " + PATTERN);
        }
    }

    @Test
    @Tag("campaign")
    void aVmWhoseHostDiesWhileItIsFilledGoesOnElsewhere() throws Exception {
        try (Stage stage = Stage.open("instant-failover")) {
            Backups backups = saved(stage);
            TrustedLaunchVM before = stage.get(PAYROLL);
            String uid = before.identity();
            BackupRestoreE2E.write(stage, uid, PAYROLL, "second");
            backups.limit(SLOW);
            stage.setRunStrategy(PAYROLL, RunStrategy.Halted);
            stage.awaitHalted(PAYROLL);
            backups.restoreAtOnce("monday").orFail();
            stage.setRunStrategy(PAYROLL, RunStrategy.Always);
            TrustedLaunchVM filling = stage.awaitRunning(PAYROLL);
            stage.awaitBoots(uid, 2);
            assertThat(stage.consoleSince(uid, 2)).contains("PROOF note=first", "PROOF nv=first");
            BackupRestoreE2E.write(stage, uid, PAYROLL, "third");
            assertThat(stage.get(PAYROLL).getStatus().diskFill()).isNotNull();

            String dead = filling.getStatus().nodeName();
            String living = stage.lab.otherHost(dead);
            stage.lab.run("host", dead, "crash").orFail();
            try {
                new NodeStatements(stage).state(dead);
                await("the VM to be given to " + living)
                        .atMost(Stage.TIMEOUT)
                        .until(() -> stage.get(PAYROLL).getStatus().nodeName(), living::equals);
                stage.awaitRunning(PAYROLL);
                stage.awaitConsoleOn(
                        living,
                        uid,
                        console -> console.contains("PROOF nv=third") && console.contains("PROOF note=third"));
                awaitWhole(stage, PAYROLL);
                assertNothingIsLeft(stage, living);
                assertThat(stage.get(PAYROLL).getStatus().vTPM())
                        .isEqualTo(before.getStatus().vTPM());
                stage.writeToDataDisk(living, uid, "read " + PATTERN);
            } finally {
                stage.lab.run("host", dead, "start").orFail();
            }
        }
    }

    /** Of a VM with a data disk. */
    private static Backups saved(Stage stage) throws IOException {
        stage.create(stage.vm(PAYROLL).dataDisk("files", "256Mi"));
        TrustedLaunchVM vm = stage.awaitRunning(PAYROLL);
        stage.awaitBoots(vm.identity(), 1);
        stage.writeToDataDisk(vm.getStatus().nodeName(), vm.identity(), "write " + PATTERN);
        BackupRestoreE2E.write(stage, vm.identity(), PAYROLL, "first");
        Backups backups = Backups.of(stage, PAYROLL);
        backups.make("monday");
        return backups;
    }

    private static void awaitWhole(Stage stage, String vm) {
        stage.awaitVm(vm, "whole disks", found -> found.getStatus().diskFill() == null);
        stage.awaitVm(
                vm,
                "moves to be possible again",
                found -> Stage.condition(found, ConditionType.Migratable)
                        .filter(condition -> !Reason.DisksFilling.name().equals(condition.getReason()))
                        .isPresent());
    }

    private static void assertNothingIsLeft(Stage stage, String host) {
        await("the DiskFill to be gone")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.client
                        .resources(DiskFill.class)
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty());
        await("its server to end")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.lab
                        .exec(host, "sh", "-c", "ls -A /run/trusted-launch/fill 2>/dev/null || true")
                        .isBlank());
    }
}
