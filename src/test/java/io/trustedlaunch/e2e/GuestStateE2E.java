package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM's TPM follows it to another node, and a rollback of its guest state does not go unnoticed. */
@LabOrder(LabOrder.Place.FIRST)
class GuestStateE2E {
    private static final String GUEST = "guest";

    @Test
    void aVmStartsOnAnotherNodeWithItsTpmAndFromAnOlderStateOnlyAfterAnApproval(@TempDir Path folder)
            throws IOException {
        try (Stage stage = Stage.open("guest-state")) {
            String secret = UUID.randomUUID().toString();
            stage.commands("guest-init", "nv-write " + secret);
            stage.create(stage.vm(GUEST).userData("guest-init"));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();
            stage.awaitBoots(uid, 1);
            assertThat(first.getStatus().guestState().floor()).isEqualTo(new GuestStateVersion(1L, 1L));
            GuestStateVersion older = halt(stage);
            Path backup = Files.createDirectory(folder.resolve("home"));
            copy(home(stage, uid), backup);
            Path snapshot = folder.resolve("etcd.db");
            stage.lab.run("snapshot", snapshot.toString()).orFail();

            TrustedLaunchVM started =
                    startOnAnotherNode(stage, first.getStatus().nodeName());
            awaitSecretAtBoot(stage, uid, secret, 2);
            assertThat(started.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            GuestStateVersion newer = halt(stage);
            assertThat(newer.epoch()).isEqualTo(2);

            Path newest = stage.folderOf(uid).resolve(GuestStateName.of(newer));
            Path aside = folder.resolve("newest");
            Files.move(newest, aside);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitNotReady(GUEST, Reason.GuestStateRolledBack, newer + " is on record");

            rollBack(stage, uid, backup);
            stage.lab.run("operator", "stop").orFail();
            stage.lab.run("restore", snapshot.toString()).orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.lab.run("operator", "start").orFail();
            TrustedLaunchVM refused =
                    stage.awaitNotReady(GUEST, Reason.GuestStateRolledBack, newer + " was sealed by this node");
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();

            approve(stage, older);
            TrustedLaunchVM approved = stage.awaitRunning(GUEST);
            awaitSecretAtBoot(stage, uid, secret, 3);
            assertThat(approved.getStatus().vTPM().ekDigest())
                    .isEqualTo(first.getStatus().vTPM().ekDigest());
            assertApprovalIsReported(stage, approved, older, refused.getStatus().epoch());
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
        }
    }

    /** Asserts that no working copy stays on a host. Returns the new floor. */
    private static GuestStateVersion halt(Stage stage) {
        stage.setRunStrategy(GUEST, RunStrategy.Halted);
        TrustedLaunchVM halted = stage.awaitHalted(GUEST);
        String uid = halted.getMetadata().getUid();
        for (String host : stage.lab.hosts()) {
            assertThat(stage.lab.tpmState(host, uid)).doesNotExist();
        }
        GuestStateVersion floor = halted.getStatus().guestState().floor();
        assertThat(floor).isEqualTo(halted.getStatus().guestState().newest());
        assertThat(stage.folderOf(uid).resolve(GuestStateName.of(floor))).exists();
        return floor;
    }

    private static TrustedLaunchVM startOnAnotherNode(Stage stage, String node) {
        stage.awaitShared();
        stage.setMaintenance(node, Maintenance.Cordon);
        try {
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            TrustedLaunchVM started = stage.awaitRunning(GUEST);
            assertThat(started.getStatus().nodeName()).isNotEqualTo(node);
            assertThat(stage.lab.hostsRunning(started.getMetadata().getUid()))
                    .containsExactly(started.getStatus().nodeName());
            return started;
        } finally {
            stage.setMaintenance(node, Maintenance.None);
        }
    }

    private static void awaitSecretAtBoot(Stage stage, String uid, String secret, int boot) {
        stage.awaitBoots(uid, boot);
        assertThat(stage.consoleSince(uid, boot)).contains("PROOF nv=" + secret);
    }

    /** Restores the home exactly as it was when {@code backup} was made. */
    private static void rollBack(Stage stage, String uid, Path backup) throws IOException {
        for (Path file : home(stage, uid)) {
            Files.delete(file);
        }
        try (Stream<Path> files = Files.list(backup)) {
            copy(files.toList(), stage.folderOf(uid));
        }
    }

    private static List<Path> home(Stage stage, String uid) throws IOException {
        try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
            return files.filter(file ->
                            GuestStateName.parse(file.getFileName().toString()).isPresent())
                    .toList();
        }
    }

    private static void copy(List<Path> files, Path folder) throws IOException {
        for (Path file : files) {
            Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static void approve(Stage stage, GuestStateVersion version) {
        stage.patchSpec(
                GUEST,
                "{\"approveGuestState\": {\"epoch\": " + version.epoch() + ", \"generation\": " + version.generation()
                        + ", \"approvedBy\": \"" + userName(stage) + "\"}}");
    }

    private static String userName(Stage stage) {
        return stage.client
                .resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }

    private static void assertApprovalIsReported(
            Stage stage, TrustedLaunchVM vm, GuestStateVersion version, long refusedEpoch) {
        Approval approval = vm.getStatus().guestState().approval();
        assertThat(approval.version()).isEqualTo(version);
        assertThat(approval.approvedBy()).isEqualTo(userName(stage));
        assertThat(approval.forEpoch()).isEqualTo(vm.getStatus().epoch()).isGreaterThanOrEqualTo(refusedEpoch);
        assertThat(vm.getStatus().guestState().floor()).isEqualTo(new GuestStateVersion(approval.forEpoch(), 1L));
        assertThat(stage.events(Reason.GuestStateApproved))
                .singleElement()
                .satisfies(event -> assertThat(event.getMessage()).contains(version.toString(), userName(stage)));
    }
}
