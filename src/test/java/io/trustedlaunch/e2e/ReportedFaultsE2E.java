package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.testkit.LabOrder;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.TestImage;
import io.trustedlaunch.testkit.VariableStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults around a VM: each is reported with its reason and the next step, and the VM recovers when the cause is gone. */
@LabOrder(LabOrder.Place.FIRST)
class ReportedFaultsE2E {
    private static final String GUEST = "guest";
    private static final Duration WITHIN_A_MINUTE = Duration.ofMinutes(1);

    /** The firmware's own name in a boot option, in UTF-16. */
    private static final String IN_A_BOOT_OPTION = "U\0i\0A\0p\0p\0";

    @Test
    void aRemovedOrAlteredGuestStateIsRefusedAndOneThatChangedUnwatchedIsReported(@TempDir Path aside)
            throws IOException {
        try (Stage stage = Stage.open("state-lost")) {
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();
            String host = first.getStatus().nodeName();
            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            assertThat(stage.lab.tpmState(host, uid)).doesNotExist();
            assertThat(stage.lab.uefiVariables(host, uid)).doesNotExist();
            List<Path> home = guestStates(stage.folderOf(uid));

            for (Path file : home) {
                Files.move(file, aside.resolve(file.getFileName()));
            }
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitNotReady(GUEST, Reason.GuestStateMissing, "no new one is made");
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(guestStates(stage.folderOf(uid))).isEmpty();

            Path newest = home.getLast();
            byte[] whole = Files.readAllBytes(aside.resolve(newest.getFileName()));
            Files.write(newest, Arrays.copyOf(whole, whole.length - 1));
            stage.awaitNotReady(
                    GUEST, Reason.GuestStateWrongLength, newest.getFileName().toString());
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();

            Files.write(newest, whole);
            TrustedLaunchVM again = stage.awaitRunning(GUEST);
            assertThat(again.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            alteredVariablesAreRefusedAndChangesByFirmwareAreReported(stage, again);
        }
    }

    /** While the agent is stopped, firmware writes, the guest ends, and then a letter in its UEFI variables is altered. */
    private static void alteredVariablesAreRefusedAndChangesByFirmwareAreReported(Stage stage, TrustedLaunchVM vm)
            throws IOException {
        String host = vm.getStatus().nodeName();
        String uid = vm.getMetadata().getUid();
        Path variables = variables(stage, vm);
        byte[] written;
        stage.lab.run("agent", host, "stop").orFail();
        try {
            byte[] before = Files.readAllBytes(variables);
            stage.lab.exec(host, "virsh", "reset", uid);
            await("firmware to write its variables")
                    .atMost(Stage.TIMEOUT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !Arrays.equals(Files.readAllBytes(variables), before));
            stage.lab.exec(host, "virsh", "destroy", uid);
            written = Files.readAllBytes(variables);
            String text = new String(written, StandardCharsets.ISO_8859_1);
            assertThat(text).contains(IN_A_BOOT_OPTION);
            Files.writeString(
                    variables,
                    text.replace(IN_A_BOOT_OPTION, IN_A_BOOT_OPTION.replace('U', 'V')),
                    StandardCharsets.ISO_8859_1);
        } finally {
            stage.lab.run("agent", host, "start").orFail();
        }
        stage.awaitNotReady(GUEST, Reason.UefiVariablesAltered, "spec.approveGuestState");
        assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();

        // The original variables, as a power cut leaves them while firmware reclaims space.
        Files.write(variables, VariableStores.beingTidiedUp(written));
        TrustedLaunchVM next = stage.awaitVm(
                GUEST,
                "running again",
                found -> found.getStatus().epoch() > vm.getStatus().epoch()
                        && Stage.condition(found, ConditionType.Running)
                                .filter(running -> running.getStatus().equals("True"))
                                .isPresent());
        Path now = variables(stage, next);
        await("firmware to finish reclaiming")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> VariableStores.isTidiedUp(Files.readAllBytes(now)));
        assertThat(Files.readString(now, StandardCharsets.ISO_8859_1)).contains(IN_A_BOOT_OPTION);
        GuestStateVersion watched = next.getStatus().guestState().lastWatched();
        assertThat(watched.epoch()).isEqualTo(vm.getStatus().epoch());
        assertThat(stage.folderOf(uid).resolve(GuestStateName.of(watched))).exists();
        assertThat(Stage.condition(next, ConditionType.Ready).orElseThrow().getMessage())
                .contains(watched.toString(), "while no agent watched");
        assertThat(stage.events(Reason.GuestStateChangedUnwatched))
                .singleElement()
                .satisfies(event -> assertThat(event.getMessage()).contains(watched.toString()));
    }

    private static Path variables(Stage stage, TrustedLaunchVM vm) {
        return stage.lab.uefiVariables(
                vm.getStatus().nodeName(), vm.getMetadata().getUid());
    }

    /** Oldest first; the states of one incarnation sort by the length of their names and then by name. */
    private static List<Path> guestStates(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("guest-state-"))
                    .sorted(Comparator.<Path>comparingInt(
                                    file -> file.getFileName().toString().length())
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }

    @Test
    void faultsOfAnImageOrADiskAreReportedAndTheVmRecovers() throws IOException {
        try (Stage stage = Stage.open("image-wrong")) {
            Path images = stage.lab.folder().resolve("shared/images");
            Path file = images.resolve("late-" + stage.nonce + ".qcow2");
            stage.create(stage.guestImage(
                    "late-" + stage.nonce,
                    "proof-late",
                    "images/" + file.getFileName(),
                    TestImage.signed().sha256()));
            stage.create(
                    stage.vm(GUEST).image("late-" + stage.nonce).disk("10Mi").shortGracePeriod());

            stage.awaitNotReady(
                    GUEST, Reason.ImageFileMissing, file.getFileName().toString());
            Files.writeString(file, "not this");
            stage.awaitNotReady(GUEST, Reason.DigestMismatch, "SHA-256");
            Files.copy(images.resolve("proof-guest.qcow2"), file, StandardCopyOption.REPLACE_EXISTING);
            stage.awaitNotReady(GUEST, Reason.DiskTooSmall, "osDisk.size");
            assertThat(stage.incarnations(stage.uid(GUEST))).hasSize(1);
            stage.patchSpec(GUEST, "{\"osDisk\":{\"size\":\"1Gi\"}}");
            stage.awaitRunning(GUEST);
        }
    }

    @Test
    void whatNoNodeOffersIsReportedNodeByNode() {
        try (Stage stage = Stage.open("no-node")) {
            Networks.offer(stage.client, "vlan-4094");
            stage.create(stage.vm("network").network("vlan-4094"));
            stage.create(stage.vm("not-offered").network("storage"));
            stage.create(stage.vm("memory").memory("64Ti"));
            stage.create(stage.vm("label").onNodesWith("disk", "none-has-it"));

            stage.awaitNotReady("network", Reason.NoNodeFits, "vlan-4094");
            stage.awaitNotReady("not-offered", Reason.NetworkNotFound, "storage");
            stage.awaitNotReady("memory", Reason.NoNodeFits, "memory");
            stage.awaitNotReady("label", Reason.NoNodeFits, "disk");
        }
    }

    @Test
    void missingUserDataIsReportedUntilItIsThereAndADeletedNamespaceTakesItsVmAlong() {
        try (Stage stage = Stage.open("user-data")) {
            stage.create(stage.vmInFirmware(GUEST).userData("later"));
            stage.awaitNotReady(GUEST, Reason.UserDataNotFound, "later");
            stage.userData("later", "# proof: nonce " + stage.nonce + "\n");
            String uid = stage.awaitRunning(GUEST).getMetadata().getUid();

            stage.removeNamespace();
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.keySecret(uid)).isEmpty();
        }
    }

    @Test
    void noVmStartsInALocationThatOthersCanReadUntilItIsRestricted() {
        try (Stage stage = Stage.open("open-location")) {
            String host = stage.lab.hosts().getFirst();
            stage.lab.exec(host, "chmod", "0755", Stage.SHARED_PATH);
            stage.create(stage.vmInFirmware(GUEST));
            stage.awaitVm(
                    GUEST,
                    "not Ready because of the open location",
                    vm -> Stage.condition(vm, ConditionType.Ready)
                            .filter(ready -> ready.getMessage().contains("0710"))
                            .isPresent());
            assertThat(stage.lab.hostsWithDomain(stage.uid(GUEST))).isEmpty();
            stage.lab.exec(host, "chmod", "0710", Stage.SHARED_PATH);
            String running = stage.awaitRunning(GUEST).getStatus().nodeName();

            long warnings = locationEvents(stage, Reason.LocationNotRestricted, "0755");
            long recoveries = locationEvents(stage, Reason.LocationReady, "restricted again");
            stage.lab.exec(running, "chmod", "0755", Stage.SHARED_PATH);
            try {
                awaitLocation(stage, ConditionType.Restricted, Reason.LocationNotRestricted);
                awaitLocationEvent(stage, Reason.LocationNotRestricted, "0755", warnings);
                assertThat(stage.lab.hostsRunning(stage.uid(GUEST))).containsExactly(running);
            } finally {
                stage.lab.exec(running, "chmod", "0710", Stage.SHARED_PATH);
            }
            awaitLocation(stage, ConditionType.Restricted, Reason.LocationReady);
            awaitLocationEvent(stage, Reason.LocationReady, "restricted again", recoveries);
            awaitLocation(stage, ConditionType.Shared, Reason.LocationShared);
        }
    }

    @Test
    void aGuestRunsOnWhileLibvirtdIsDown() {
        try (Stage stage = Stage.open("libvirtd")) {
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM vm = stage.awaitRunning(GUEST);
            String host = vm.getStatus().nodeName();
            String uid = vm.getMetadata().getUid();
            String domain = stage.lab.exec(host, "virsh", "domid", uid);

            stage.lab.run("libvirtd", host, "stop").orFail();
            awaitNode(stage, host, "False", Reason.HypervisorUnavailable);
            stage.lab.run("libvirtd", host, "start").orFail();
            awaitNode(stage, host, "True", Reason.NodeReady);

            assertThat(stage.lab.exec(host, "virsh", "domid", uid)).isEqualTo(domain);
            assertThat(stage.awaitRunning(GUEST).getStatus().epoch())
                    .isEqualTo(vm.getStatus().epoch());
        }
    }

    @Test
    void aFullDiskIsReportedAndTheVmRecovers() {
        try (Stage stage = Stage.open("full-disk")) {
            String path = "/var/lib/trusted-launch/full-" + stage.nonce;
            for (String host : stage.lab.hosts()) {
                stage.lab.exec(host, "mkdir", "-p", path);
                stage.lab.exec(host, "mount", "-t", "tmpfs", "-o", "size=20m,mode=0710", "tmpfs", path);
                stage.lab.exec(host, "chown", "root:libvirt-qemu", path);
            }
            StorageLocation location = new StorageLocation();
            location.setMetadata(Stage.meta("full-" + stage.nonce, null));
            location.setSpec(new StorageLocationSpec(path, List.of()));
            stage.create(location);
            stage.create(stage.vm(GUEST).location("full-" + stage.nonce).shortGracePeriod());

            stage.awaitNotReady(GUEST, Reason.NoSpace, path);
            for (String host : stage.lab.hosts()) {
                stage.lab.exec(host, "mount", "-o", "remount,size=400m", path);
            }
            stage.awaitRunning(GUEST);
            String uid = stage.uid(GUEST);
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
            // Each agent keeps a lock there while there is a StorageLocation.
            stage.client.resource(location).delete();
            for (String host : stage.lab.hosts()) {
                stage.lab.exec(host, "sh", "-c", "until umount " + path + "; do sleep 1; done");
            }
        }
    }

    private static void awaitLocation(Stage stage, ConditionType type, Reason reason) {
        await("condition " + type + " of StorageLocation " + stage.location + " to have reason " + reason)
                .atMost(WITHIN_A_MINUTE)
                .until(() -> Conditions.find(
                                stage.client
                                        .resources(StorageLocation.class)
                                        .withName(stage.location)
                                        .get()
                                        .getStatus()
                                        .conditions(),
                                type)
                        .filter(condition -> condition.getReason().equals(reason.name()))
                        .isPresent());
    }

    private static void awaitLocationEvent(Stage stage, Reason reason, String text, long more) {
        await("another event " + reason + " about " + stage.location)
                .atMost(WITHIN_A_MINUTE)
                .until(() -> locationEvents(stage, reason, text) > more);
    }

    private static long locationEvents(Stage stage, Reason reason, String text) {
        return stage
                .client
                .v1()
                .events()
                .inNamespace("default")
                .withField("involvedObject.name", stage.location)
                .list()
                .getItems()
                .stream()
                .filter(event -> event.getReason().equals(reason.name()))
                .filter(event -> event.getMessage().contains(text))
                .count();
    }

    private static void awaitNode(Stage stage, String host, String status, Reason reason) {
        await("ClusterNode " + host + " to be " + reason)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.nodeCondition(host, ConditionType.Ready)
                        .filter(condition -> condition.getStatus().equals(status)
                                && condition.getReason().equals(reason.name()))
                        .isPresent());
    }
}
