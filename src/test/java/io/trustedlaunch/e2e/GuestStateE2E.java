package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a VM's identity goes, and that nobody turns it back unnoticed. */
@LabOrder(LabOrder.Place.FIRST)
class GuestStateE2E {
    private static final String GUEST = "guest";

    @Test
    void aVmGoesColdToAnotherNodeWithItsTpmAndStartsFromNothingOlderUnlessSomebodyApproves(@TempDir Path folder)
            throws IOException {
        try (Stage stage = Stage.open("guest-state")) {
            String secret = UUID.randomUUID().toString();
            stage.userData("guest-init", "#cloud-config\n# proof: nv-write " + secret + "\n");
            stage.create(stage.vm(GUEST).userData("guest-init"));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();
            stage.awaitConsole(uid, console -> console.contains("PROOF ready="), "its first boot's end");
            assertThat(first.getStatus().guestState().floor()).isEqualTo(new GuestStateVersion(1L, 1L));
            GuestStateVersion older = halt(stage);
            Path backup = Files.createDirectory(folder.resolve("home"));
            copy(home(stage, uid), backup);
            Path snapshot = folder.resolve("etcd.db");
            stage.lab.run("snapshot", snapshot.toString()).orFail();

            TrustedLaunchVM moved = moveAwayFrom(stage, first.getStatus().nodeName());
            awaitSecretAtBoot(stage, uid, secret, 2);
            assertThat(moved.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            GuestStateVersion newer = halt(stage);
            assertThat(newer.epoch()).isEqualTo(2);

            Path newest = stage.folderOf(uid).resolve(GuestStateName.of(newer));
            Path aside = folder.resolve("newest");
            Files.move(newest, aside);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitTold(GUEST, Reason.GuestStateRolledBack, newer + " is on record");

            turnBack(stage, uid, backup);
            stage.lab.run("operator", "stop").orFail();
            stage.lab.run("restore", snapshot.toString()).orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.lab.run("operator", "start").orFail();
            TrustedLaunchVM refused =
                    stage.awaitTold(GUEST, Reason.GuestStateRolledBack, newer + " was sealed by this node");
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();

            approve(stage, older);
            TrustedLaunchVM approved = stage.awaitRunning(GUEST);
            awaitSecretAtBoot(stage, uid, secret, 3);
            assertThat(approved.getStatus().vTPM().ekDigest())
                    .isEqualTo(first.getStatus().vTPM().ekDigest());
            assertApprovalIsTold(stage, approved, older, refused.getStatus().epoch());
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
        }
    }

    /** Nothing of the guest's state stays on a host. Returns what is the floor from now on. */
    private static GuestStateVersion halt(Stage stage) {
        stage.setRunStrategy(GUEST, RunStrategy.Halted);
        TrustedLaunchVM halted = stage.awaitHalted(GUEST);
        String uid = halted.getMetadata().getUid();
        for (String host : stage.lab.hosts()) {
            assertThat(stage.lab.onHost(host, "var/lib/libvirt/swtpm/" + uid)).doesNotExist();
        }
        GuestStateVersion floor = halted.getStatus().guestState().floor();
        assertThat(floor).isEqualTo(halted.getStatus().guestState().newest());
        assertThat(stage.folderOf(uid).resolve(GuestStateName.of(floor))).exists();
        return floor;
    }

    private static TrustedLaunchVM moveAwayFrom(Stage stage, String node) {
        stage.awaitShared();
        maintain(stage, node, Maintenance.Cordon);
        try {
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            TrustedLaunchVM moved = stage.awaitRunning(GUEST);
            assertThat(moved.getStatus().nodeName()).isNotEqualTo(node);
            assertThat(stage.lab.hostsRunning(moved.getMetadata().getUid()))
                    .containsExactly(moved.getStatus().nodeName());
            return moved;
        } finally {
            maintain(stage, node, Maintenance.None);
        }
    }

    private static void maintain(Stage stage, String node, Maintenance maintenance) {
        stage.client
                .resources(ClusterNode.class)
                .withName(node)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"maintenance\": \"" + maintenance + "\"}}");
    }

    private static void awaitSecretAtBoot(Stage stage, String uid, String secret, int boot) {
        stage.awaitConsole(uid, console -> StringUtils.countMatches(console, "PROOF ready=") == boot, "boot " + boot);
        String earlier = "PROOF ready=";
        int end = StringUtils.ordinalIndexOf(stage.console(uid), earlier, boot - 1);
        assertThat(stage.console(uid).substring(end)).contains("PROOF nv=" + secret);
    }

    /** The home as it was when {@code backup} was made, and nothing else. */
    private static void turnBack(Stage stage, String uid, Path backup) throws IOException {
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
                        + ", \"approvedBy\": \"" + me(stage) + "\"}}");
    }

    private static String me(Stage stage) {
        return stage.client
                .resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }

    private static void assertApprovalIsTold(
            Stage stage, TrustedLaunchVM vm, GuestStateVersion version, long refusedEpoch) {
        Approval approval = vm.getStatus().guestState().approval();
        assertThat(approval.version()).isEqualTo(version);
        assertThat(approval.approvedBy()).isEqualTo(me(stage));
        assertThat(approval.forEpoch()).isEqualTo(vm.getStatus().epoch()).isGreaterThanOrEqualTo(refusedEpoch);
        assertThat(vm.getStatus().guestState().floor()).isEqualTo(new GuestStateVersion(approval.forEpoch(), 1L));
        assertThat(stage.events(Reason.GuestStateApproved))
                .singleElement()
                .satisfies(event -> assertThat(event.getMessage()).contains(version.toString(), me(stage)));
    }
}
