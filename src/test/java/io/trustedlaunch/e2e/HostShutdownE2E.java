package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An orderly shutdown of a host loses nothing, whether an administrator asks for it or systemd powers the host off while the
 * API server is down.
 */
@LabOrder(LabOrder.Place.FIRST)
@Tag("campaign")
class HostShutdownE2E {
    private static final String GUEST = "guest";
    private static final String HOST = "host-a";
    private static final String SCRIPT = "/usr/local/sbin/trusted-launch-stop-guests";
    private static final String ORDERLY_END = "PROOF poweroff=acpi";

    @Test
    void aHostShutsDownInOrderAndItsGuestComesBackWithWhatItStored() throws IOException {
        try (Stage stage = Stage.open("host-shutdown")) {
            String secret = UUID.randomUUID().toString();
            stage.commands("guest-init", "nv-write " + secret);
            stage.lab.run("host", HOST, "boot").orFail();
            String uid;
            try {
                stage.create(stage.vm(GUEST).userData("guest-init").onNodesWith("kubernetes.io/hostname", HOST));
                TrustedLaunchVM first = stage.awaitRunning(GUEST);
                uid = first.getMetadata().getUid();
                stage.awaitBoots(uid, 1);
                stage.setRunStrategy(GUEST, RunStrategy.RerunOnFailure);

                stopGuestsByHand(stage, uid);
                TrustedLaunchVM second = stage.awaitRunning(GUEST);
                assertThat(second.getStatus().nodeName()).isEqualTo(HOST);
                assertThat(second.getStatus().vTPM())
                        .isEqualTo(first.getStatus().vTPM());
                stage.awaitBoots(uid, 2);
                assertThat(stage.consoleSince(uid, 2)).contains("PROOF nv=" + secret);

                powerOffWithoutAnApiServer(stage, uid);
            } finally {
                stage.lab.run("host", HOST, "crash").orFail();
                stage.lab.run("host", HOST, "start").orFail();
            }
            stage.awaitRunning(GUEST);
            stage.awaitBoots(uid, 3);
            assertThat(stage.consoleSince(uid, 3)).contains("PROOF nv=" + secret);
            awaitReadyReason(stage, Reason.NodeReady);
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
        }
    }

    private static void stopGuestsByHand(Stage stage, String uid) throws IOException {
        try {
            // The guest may have ended before the script looked for the first time.
            assertThat(stage.lab.exec(HOST, SCRIPT))
                    .containsAnyOf("done: 1 VMs stopped", "done: no VM is left on this host");
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.console(uid)).contains(ORDERLY_END);
            assertNoWorkingCopy(stage, uid);
            GuestStateVersion newest = newestAtHome(stage, uid);
            assertThat(newest).isGreaterThan(new GuestStateVersion(1L, 1L));

            stage.awaitNotReady(GUEST, Reason.NoNodeFits, HOST + ": its host is being shut down");
            assertThat(stage.get(GUEST).getStatus().guestState().floor()).isEqualTo(newest);
            awaitReadyReason(stage, Reason.HostShuttingDown);
        } finally {
            stage.lab.exec(HOST, SCRIPT, "--cancel");
        }
    }

    private static void powerOffWithoutAnApiServer(Stage stage, String uid) throws IOException {
        stage.lab.run("apiserver", "stop").orFail();
        try {
            stage.lab.run("host", HOST, "poweroff").orFail();
            String console = stage.console(uid);
            assertThat(console.substring(console.lastIndexOf("PROOF ready="))).contains(ORDERLY_END);
            assertNoWorkingCopy(stage, uid);
            assertThat(newestAtHome(stage, uid)).isGreaterThan(new GuestStateVersion(2L, 1L));
        } finally {
            stage.lab.run("apiserver", "start").orFail();
        }
    }

    private static void assertNoWorkingCopy(Stage stage, String uid) {
        assertThat(stage.lab.tpmState(HOST, uid)).doesNotExist();
        assertThat(stage.lab.uefiVariables(HOST, uid)).doesNotExist();
    }

    private static GuestStateVersion newestAtHome(Stage stage, String uid) throws IOException {
        try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
            return files.map(file -> GuestStateName.parse(file.getFileName().toString()))
                    .flatMap(Optional::stream)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    /** The operator repeats what the agent reports. */
    private static void awaitReadyReason(Stage stage, Reason reason) {
        await("ClusterNode " + HOST + " to show " + reason)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.nodeCondition(HOST, ConditionType.Ready)
                        .map(Condition::getReason)
                        .equals(Optional.of(reason.name())));
    }
}
