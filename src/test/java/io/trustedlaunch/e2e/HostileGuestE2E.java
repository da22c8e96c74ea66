package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A real guest that does its worst with what it has: its guest agent's answers, its console, its TPM, its disk. The tests share
 * it, since each leaves it hostile; only the last restarts it.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileGuestE2E {
    private static final String GUEST = "guest";
    private static final String NEIGHBOUR = "neighbour";

    /** More than the log may have. */
    private static final int FLOOD_KIB = (int) (ConsoleLogs.LIMIT >> 10) + 64;

    private static final Pattern STTY = Pattern.compile("[0-9a-f]+(:[0-9a-f]+){10,}");

    private static final long DATA_BYTES = 64 << 20;

    /** At most, of what the proof guest changes on its other disk. */
    private static final long SYSTEM_BYTES = 8 << 20;

    /** At least: an unused one has 6 kB. */
    private static final long FULL_TPM_BYTES = 64 << 10;

    private static Stage stage;
    private static Backups backups;
    private static String uid;

    @BeforeAll
    static void start() throws IOException {
        stage = Stage.open("hostile");
        stage.create(stage.vm(GUEST).dataDisk("data", "64Mi").shortGracePeriod());
        stage.create(stage.vmInFirmware(NEIGHBOUR));
        uid = stage.awaitRunning(GUEST).identity();
        stage.awaitBoots(uid, 1);
        backups = Backups.of(stage, GUEST);
    }

    @AfterAll
    static void end() {
        stage.close();
    }

    @Test
    @Order(1)
    void whatAGuestSaysHoldsBackNoOtherReportAndNoBackup() throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
            GuestPrompt guest = new GuestPrompt(stage, uid, user);
            GuestStateVersion before = sealed();
            // Alone, it would be reported only later.
            guest.does("nv-overwrite later", "nv-written=later");
            guest.does("guest-agent hostile", "guest-agent=hostile");
            TrustedLaunchVM vm = stage.awaitVm(
                    GUEST,
                    "addresses of the hostile guest",
                    one -> addresses(one).stream().anyMatch(address -> address.startsWith("198.51.100.")));
            assertThat(addresses(vm))
                    .hasSize(Interface.MAX_ADDRESSES)
                    .allMatch(address -> address.startsWith("198.51.100."));

            GuestInfo said = stage.awaitVm(
                            GUEST,
                            "what the hostile guest says of itself",
                            one -> one.getStatus().guest() != null)
                    .getStatus()
                    .guest();
            assertThat(said.fileSystems()).hasSizeLessThanOrEqualTo(GuestInfo.MAX_FILE_SYSTEMS);
            assertThat(said.agent().version()).startsWith("?[2J");
            assertThat(stage.lab
                            .kubectl("tlvm", "guest", GUEST, "-n=" + stage.namespace)
                            .orFail())
                    .contains("guest's own word")
                    .doesNotContainPattern("[\\p{Cntrl}&&[^\\n]]");

            assertThat(sealed()).isGreaterThan(before);

            VMBackupStatus backup = backups.make("nonsense");
            Condition quiesced = ConditionType.Quiesced.in(backup.conditions()).orElseThrow();
            assertThat(quiesced.getStatus()).isEqualTo("False");
            assertThat(quiesced.getMessage()).doesNotContain("\u001b");
        }
    }

    /** The log has a limit, the agent repeats nothing of it, and the user's terminal is as it was. */
    @Test
    @Tag("campaign")
    @Order(2)
    void whatAGuestWritesToItsConsoleFillsNothingAndStaysThere() throws Exception {
        try (ConsoleUser user = ConsoleUser.inTerminal(stage, GUEST)) {
            user.awaitScreen("connected to the console on node");
            user.type("console-flood " + FLOOD_KIB + "\r");
            user.awaitScreen("PROOF console-flooded=" + FLOOD_KIB);
            user.type("nonce after-the-flood\r");
            user.awaitScreen("PROOF nonce=after-the-flood");
            // The terminal answers a question of the guest only now.
            user.type("\u001d");
            user.type("\u001b[?62;4c\r");
            user.awaitScreen("[left: ");

            assertTerminalIsAsItWas(user.screen());
        }
        String node = stage.get(GUEST).getStatus().nodeName();
        Path log = ConsoleHistory.log(stage.lab, node, uid);
        await("the console's log to be short").atMost(Stage.TIMEOUT).until(() -> Files.size(log) <= ConsoleLogs.LIMIT);
        assertThat(Files.readString(stage.lab.agentLog(node))).doesNotContain("of-a-hostile-guest");
        assertThat(stage.lab
                        .kubectl("tlvm", "status", GUEST, "-n=" + stage.namespace)
                        .output())
                .doesNotContainPattern("[\\p{Cntrl}&&[^\\n]]");
    }

    /** Full, locked out and with passwords that only the guest knows: the VM has the identity that is on record, on both hosts. */
    @Test
    @Order(3)
    void aGuestThatSeizesItsTpmKeepsItsIdentityAndCanBeMigrated() throws IOException {
        TrustedLaunchVM before = stage.get(GUEST);
        try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
            new GuestPrompt(stage, uid, user).does("tpm-hostile", "tpm-seized=full:yes,seed:kept,certificate:kept");
        }
        await("the full TPM to be sealed").atMost(Stage.TIMEOUT).until(() -> largestSealed() > FULL_TPM_BYTES);
        assertThat(largestSealed()).isLessThan(GuestState.MAX_TPM_BYTES);

        stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);
        assertThat(stage.awaitEnd(stage.migrate(GUEST, "away")).phase()).isEqualTo(VMMigrationStatus.Phase.Succeeded);

        TrustedLaunchVM after = stage.awaitRunning(GUEST);
        assertThat(after.getStatus().nodeName()).isNotEqualTo(before.getStatus().nodeName());
        assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
    }

    /** A backup reads no more than the disks have, another VM's does not wait for it, and it ends though its guest does. */
    @Test
    @Tag("campaign")
    @Order(4)
    void aGuestThatOverwritesItsDiskAndPowersOffLeavesBackupsWhole() throws IOException {
        TrustedLaunchVM before = stage.get(GUEST);
        Backups neighbours = new Backups(stage, NEIGHBOUR, backups.location(), backups.folder());
        VMBackup cut;
        try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
            GuestPrompt guest = new GuestPrompt(stage, uid, user);
            guest.does("data-flood", "data-flooded=1");
            VMBackup neighbour = neighbours.create("of-neighbour");
            VMBackupStatus all = backups.make("all");
            assertThat(all.result().type()).isEqualTo(BackupResult.Type.Incremental);
            assertThat(all.result().changed().getNumericalAmount().longValueExact())
                    .isBetween(DATA_BYTES, DATA_BYTES + SYSTEM_BYTES);
            assertThat(backups.awaitEnd(neighbour).phase()).isEqualTo(VMBackupStatus.Phase.Completed);

            cut = backups.create("cut");
            await("the backup to begin")
                    .atMost(Stage.TIMEOUT)
                    .until(
                            () -> stage.client.resource(cut).get().getStatus(),
                            status -> status != null && status.phase() != VMBackupStatus.Phase.Pending);
            user.type("poweroff\r");
        }
        System.out.println("HOSTILE a backup that its guest cut short: " + backups.awaitEnd(cut));
        // The VM is started again; its TPM's passwords are still the guest's.
        TrustedLaunchVM after =
                stage.awaitRunningAfter(GUEST, before.getStatus().epoch());
        assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
        stage.awaitBoots(uid, 2);
        backups.make("afterwards");
        // With those that it follows.
        stage.lab
                .kubectl("tlvm", "backup", "verify", "afterwards", "-n=" + stage.namespace, "--wait")
                .orFail();
    }

    private static void assertTerminalIsAsItWas(String screen) {
        List<String> modes =
                STTY.matcher(screen).results().map(MatchResult::group).toList();
        assertThat(modes).as("stty before and after").hasSize(2);
        assertThat(modes.getFirst()).isEqualTo(modes.getLast());
        assertThat(screen).as("what the shell would have read").contains("[left: ]");
        for (String mode : List.of("?1049", "?1000", "?2004")) {
            assertThat(screen.lastIndexOf("\u001b[" + mode + "l"))
                    .as(mode)
                    .isGreaterThan(screen.lastIndexOf("\u001b[" + mode + "h"));
        }
        assertThat(screen.lastIndexOf("\u001b[?25h")).isGreaterThan(screen.lastIndexOf("\u001b[?25l"));
    }

    private static List<String> addresses(TrustedLaunchVM vm) {
        return vm.getStatus().networkInterfaces().stream()
                .flatMap(card -> card.ipAddresses().stream())
                .toList();
    }

    private static GuestStateVersion sealed() {
        return stage.incarnations(uid).stream()
                .map(incarnation -> incarnation.getStatus())
                .map(VMIncarnationStatus::guestState)
                .map(VMIncarnationStatus.SealedState::version)
                .findFirst()
                .orElseThrow();
    }

    /** Bytes of the largest guest state at home. */
    private static long largestSealed() {
        try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
            return files.filter(file -> file.getFileName().toString().startsWith("guest-state-"))
                    .mapToLong(file -> file.toFile().length())
                    .max()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
