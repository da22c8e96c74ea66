package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VmDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A guest whose data disks are added, removed and grown while it runs, and brought back and deleted at a restart, keeps its TPM and its
 * other disks.
 */
class ChangedDisksE2E {
    private static final String GUEST = "ledger";

    private final String secret = UUID.randomUUID().toString();
    private final String keptData = UUID.randomUUID().toString();
    private final String removedData = UUID.randomUUID().toString();

    @Test
    void dataDisksComeAndGoAndTheTpmStays() throws IOException {
        try (Stage stage = Stage.open("disks")) {
            stage.commands(
                    "init",
                    "nv-write " + secret,
                    "disk-read kept",
                    "disk-write kept " + keptData,
                    "disk-read data",
                    "disk-write data " + removedData);
            stage.create(stage.vm(GUEST)
                    .dataDisk("kept", "64Mi")
                    .dataDisk("data", "64Mi")
                    .dataDisk("old", "64Mi")
                    .userData("init")
                    .shortGracePeriod());
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.identity();
            String firstBoot = bootWith(stage, uid, "kept", "data", "old");
            assertThat(firstBoot)
                    .contains("PROOF holds-kept=none", "PROOF wrote-kept=" + keptData)
                    .contains("PROOF holds-data=none", "PROOF wrote-data=" + removedData);

            stage.patchSpec(
                    GUEST, json("{'dataDisks': [{'name': 'logs', 'size': '32Mi'}, {'name': 'kept', 'size': '96Mi'}]}"));
            TrustedLaunchVM changed = stage.awaitDataDisks(GUEST, "kept", "logs.1");
            String logs = "logs.1";
            assertThat(ids(changed.getStatus().removedDisks())).containsExactlyInAnyOrder("data", "old");
            assertThat(changed.getStatus().epoch()).as("it was not restarted").isEqualTo(1);
            assertThat(stage.lab.exec(changed.getStatus().nodeName(), "virsh", "dumpxml", uid))
                    .contains("<serial>kept</serial>", "<serial>" + logs + "</serial>")
                    .doesNotContain("<serial>data</serial>", "<serial>old</serial>");
            String device = proof(firstBoot, "serial-kept");
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                new GuestPrompt(stage, uid, user).does("disks", "serial-" + logs + "=");
            }
            assertThat(lastBoot(stage.console(uid)))
                    .as("the guest sees the larger disk, and the new one")
                    .contains("PROOF disk-" + device + "=" + (96 << 20), "=" + (32 << 20));
            assertThat(file(stage, uid, "data")).exists();
            assertThat(file(stage, uid, "old")).exists();

            change(
                    stage,
                    "{'dataDisks': [{'name': 'logs', 'size': '32Mi'}, {'name': 'kept', 'size': '96Mi'},"
                            + " {'name': 'data', 'size': '64Mi', 'from': {'removedDisk': 'data'}}], 'deletedDisks': ['old']}",
                    "spec.deletedDisks has removed disk old");
            TrustedLaunchVM back = restarted(stage);
            assertThat(ids(back.getStatus().dataDisks())).containsExactlyInAnyOrder("kept", logs, "data");
            assertThat(back.getStatus().removedDisks()).isEmpty();
            assertThat(file(stage, uid, "old")).doesNotExist();
            stage.awaitBoots(uid, 2);
            String lastBoot = bootWith(stage, uid, "kept", "data", logs);
            assertThat(lastBoot)
                    .as("the new disk, and the one that was brought back")
                    .contains("PROOF disk-" + proof(lastBoot, "serial-" + logs) + "=" + (32 << 20))
                    .contains("PROOF holds-data=" + removedData)
                    .doesNotContain("PROOF serial-old=");
            assertThat(lastBoot)
                    .as("the disk that was there all the time")
                    .contains("PROOF holds-kept=" + keptData, "PROOF place-kept=" + proof(firstBoot, "place-kept"));
            assertThat(lastBoot)
                    .as("the TPM, and PCR 7, to which guests seal their secrets")
                    .contains("PROOF nv=" + secret)
                    .contains("PROOF ek=000b" + first.getStatus().vTPM().ekDigest())
                    .contains("PROOF pcr7=" + proof(firstBoot, "pcr7"));
            assertThat(Stream.of(changed, back).map(vm -> vm.getStatus().vTPM()))
                    .containsOnly(first.getStatus().vTPM());
        }
    }

    private static void change(Stage stage, String spec, String... waiting) {
        stage.patchSpec(GUEST, json(spec));
        TrustedLaunchVM vm = stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.SpecChanged);
        assertThat(Stage.condition(vm, ConditionType.RestartRequired)
                        .orElseThrow()
                        .getMessage())
                .contains(waiting);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static TrustedLaunchVM restarted(Stage stage) {
        stage.restart(GUEST);
        return stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.UpToDate);
    }

    /** Waits until the guest has booted with these disks. */
    private static String bootWith(Stage stage, String uid, String... serials) {
        List<String> lines = Stream.concat(
                        Stream.of(serials).map(serial -> "PROOF serial-" + serial + "="), Stream.of("PROOF ready="))
                .toList();
        stage.awaitConsole(
                uid, console -> lines.stream().allMatch(lastBoot(console)::contains), "a boot with disks " + lines);
        return lastBoot(stage.console(uid));
    }

    private static String lastBoot(String console) {
        return console.substring(Math.max(0, console.lastIndexOf("PROOF boot=")));
    }

    /** What the guest printed of it. */
    private static String proof(String boot, String key) {
        Matcher printed =
                Pattern.compile("PROOF " + Pattern.quote(key) + "=(\\S+)").matcher(boot);
        assertThat(printed.find()).as("PROOF " + key + " in " + boot).isTrue();
        return printed.group(1);
    }

    private static List<String> ids(List<VmDisk> disks) {
        return disks.stream().map(VmDisk::id).toList();
    }

    private static Path file(Stage stage, String uid, String disk) {
        return stage.folderOf(uid).resolve("data-" + disk + ".qcow2");
    }
}
