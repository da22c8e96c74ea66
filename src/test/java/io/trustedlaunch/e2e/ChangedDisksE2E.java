package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VmDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A guest whose data disks are added, removed, brought back and deleted, each at a restart, keeps its TPM and its other disks. */
class ChangedDisksE2E {
    private static final String GUEST = "ledger";
    private static final Pattern PCR7 = Pattern.compile("PROOF pcr7=([0-9a-f]+)");

    @Test
    void dataDisksComeAndGoAndTheTpmStays() {
        try (Stage stage = Stage.open("disks")) {
            String secret = UUID.randomUUID().toString();
            String written = UUID.randomUUID().toString();
            stage.commands("init", "nv-write " + secret, "data-read", "data-write " + written);
            stage.create(stage.vm(GUEST).dataDisk("data", "64Mi").userData("init"));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.identity();
            stage.awaitBoots(uid, 1);
            String pcr7 = pcr7(stage.console(uid));

            change(
                    stage,
                    "{'dataDisks': [{'name': 'logs', 'size': '32Mi'}, {'name': 'data', 'size': '64Mi'}]}",
                    "a new, empty disk");
            TrustedLaunchVM added = restarted(stage, uid, 2, pcr7, secret);
            String logs = "logs." + added.getStatus().epoch();
            assertThat(ids(added.getStatus().dataDisks())).containsExactlyInAnyOrder("data", logs);
            assertThat(stage.consoleSince(uid, 2))
                    .as("the disk that was there is where it was")
                    .contains("PROOF serial-data=vdb", "PROOF data=" + written, "PROOF serial-" + logs + "=")
                    .contains("=" + (32 << 20));

            change(stage, "{'dataDisks': [{'name': 'logs', 'size': '32Mi'}]}", "kept as removed disk data");
            TrustedLaunchVM removed = restarted(stage, uid, 3, pcr7, secret);
            assertThat(ids(removed.getStatus().removedDisks())).containsExactly("data");
            assertThat(stage.consoleSince(uid, 3))
                    .contains("PROOF serial-" + logs + "=")
                    .doesNotContain("PROOF serial-data=");
            assertThat(file(stage, uid, "data")).exists();

            change(
                    stage,
                    "{'dataDisks': [{'name': 'data', 'size': '64Mi', 'from': {'removedDisk': 'data'}}], 'deletedDisks': ['"
                            + logs + "']}",
                    "deleted, as spec.deletedDisks says");
            TrustedLaunchVM back = restarted(stage, uid, 4, pcr7, secret);
            assertThat(ids(back.getStatus().dataDisks())).containsExactly("data");
            assertThat(back.getStatus().removedDisks()).isEmpty();
            assertThat(stage.consoleSince(uid, 4)).contains("PROOF serial-data=vdb", "PROOF data=" + written);
            assertThat(file(stage, uid, logs)).doesNotExist();
            assertThat(back.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
        }
    }

    private static void change(Stage stage, String spec, String waiting) {
        stage.patchSpec(GUEST, spec.replace('\'', '"'));
        TrustedLaunchVM vm = stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.SpecChanged);
        assertThat(Stage.condition(vm, ConditionType.RestartRequired)
                        .orElseThrow()
                        .getMessage())
                .contains(waiting);
    }

    private static TrustedLaunchVM restarted(Stage stage, String uid, int boot, String pcr7, String secret) {
        TrustedLaunchVM vm = stage.restart(GUEST);
        stage.awaitBoots(uid, boot);
        assertThat(stage.consoleSince(uid, boot)).contains("PROOF nv=" + secret);
        assertThat(pcr7(stage.consoleSince(uid, boot))).isEqualTo(pcr7);
        stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.UpToDate);
        return vm;
    }

    private static String pcr7(String console) {
        return PCR7.matcher(console)
                .results()
                .map((MatchResult found) -> found.group(1))
                .reduce((before, last) -> last)
                .orElseThrow();
    }

    private static List<String> ids(List<VmDisk> disks) {
        return disks.stream().map(VmDisk::id).toList();
    }

    private static Path file(Stage stage, String uid, String disk) {
        return stage.folderOf(uid).resolve("data-" + disk + ".qcow2");
    }
}
