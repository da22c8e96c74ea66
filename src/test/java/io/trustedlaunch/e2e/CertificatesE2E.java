package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.custody.PublishedAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may talk to whom while a guest moves, on real QEMUs, agents and libvirtds; {@code DoorTest} has the agents' cases. */
class CertificatesE2E {
    private static final Duration A_LONG_TIME = Duration.ofDays(20);

    private static Stage stage;
    private static MovingGuest guest;
    private static NodeCertificates certificates;

    @BeforeAll
    static void start() {
        stage = Stage.open("certificates");
        guest = MovingGuest.start(stage, "guest");
        certificates = new NodeCertificates(stage);
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void noMemoryGoesToAQemuOfAnotherAuthority() {
        assertStaysWhen(target -> {
            var foreign = certificates.foreign();
            certificates.believeInQemu(target, foreign);
            certificates.showInQemu(target, foreign, target, Instant.now());
        });
    }

    @Test
    void noMemoryGoesToAQemuOfAnotherNode() {
        assertStaysWhen(target -> certificates.showInQemu(
                target, certificates.ofTheCluster(PublishedAuthority.QEMU), guest.host(), Instant.now()));
    }

    @Test
    void noMemoryGoesToAQemuWhoseCertificateHasExpired() {
        assertStaysWhen(target -> certificates.showInQemu(
                target,
                certificates.ofTheCluster(PublishedAuthority.QEMU),
                target,
                Instant.now().minus(Duration.ofDays(31))));
    }

    @Test
    void theKeyOfQemuOpensNoDoorAndLibvirtIsBehindNone() {
        String here = guest.host();
        ClusterNode there = stage.client
                .resources(ClusterNode.class)
                .withName(guest.otherHost())
                .get();
        String door = there.getSpec().address() + ":" + there.getStatus().migrationPort();
        String agents = "/var/lib/trusted-launch/agent/identity/agent";

        assertThat(knock(here, door, agents + ".crt", agents + ".key"))
                .as("an agent is answered, if only that nobody is awaited")
                .contains("no guest of VM");
        assertThat(knock(here, door, "/etc/pki/qemu/client-cert.pem", "/etc/pki/qemu/client-key.pem"))
                .doesNotContain("no guest of VM")
                .contains("alert");
        assertThat(stage.lab.exec(there.getMetadata().getName(), "ss", "-Hltnp"))
                .contains("java")
                .doesNotContain("libvirtd")
                .doesNotContain("virtqemud");
    }

    @Test
    void certificatesAreRenewedWhileAGuestRunsAndWhileItMoves() {
        for (String host : stage.lab.hosts()) {
            certificates.age(host);
            awaitRenewed(host);
        }
        VMMigration move = guest.ask();
        await("the guest to be on its way")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> phase(move) == Phase.Migrating);
        stage.lab.hosts().forEach(certificates::age);
        stage.lab.hosts().forEach(CertificatesE2E::awaitRenewed);
        System.out.println("Renewed while the move was " + phase(move));

        assertThat(guest.awaitEnd(move).phase()).isEqualTo(Phase.Succeeded);
        guest.awaitSettled();
        guest.assertOneHistory();
    }

    private interface Wrong {
        void on(String target);
    }

    private static void assertStaysWhen(Wrong wrong) {
        Optional<VMMigrationStatus> ended = Optional.empty();
        for (int trial = 0; trial < 2 && ended.isEmpty(); trial++) {
            ended = endOfMoveWhen(wrong);
        }
        assertThat(ended)
                .hasValueSatisfying(status -> assertThat(status.phase()).isEqualTo(Phase.Failed));
    }

    /** Empty where the target's agent looked meanwhile, as it does every ten minutes: QEMU may have shown what is right. */
    private static Optional<VMMigrationStatus> endOfMoveWhen(Wrong wrong) {
        guest.awaitMigratable();
        String source = guest.host();
        String target = guest.otherHost();
        Map<Path, String> right = certificates.ofQemu(target);
        VMMigrationStatus ended;
        boolean wrongToTheEnd;
        try {
            wrong.on(target);
            ended = guest.awaitEnd(guest.ask());
            wrongToTheEnd = !certificates.ofQemu(target).equals(right);
        } finally {
            certificates.putBack(right);
        }
        guest.awaitSettled();
        guest.assertOneHistory();
        if (!wrongToTheEnd) {
            System.out.println("The agent of " + target + " put its own certificates back");
            return Optional.empty();
        }
        System.out.println("Refused: " + ended.conditions().getFirst().getMessage());
        assertThat(guest.host()).isEqualTo(source);
        return Optional.of(ended);
    }

    /** What a door says to whoever shows this. */
    private static String knock(String from, String door, String certificate, String key) {
        return stage.lab.exec(
                from,
                "sh",
                "-c",
                "(echo '1 left " + guest.uid()
                        + " 999'; sleep 2) | timeout 10 openssl s_client -quiet -tls1_3 -connect " + door + " -cert "
                        + certificate + " -key " + key + " 2>&1; true");
    }

    private static Phase phase(VMMigration move) {
        VMMigrationStatus status = stage.client.resource(move).get().getStatus();
        return status == null ? null : status.phase();
    }

    private static void awaitRenewed(String host) {
        await("the certificates of " + host + " to be renewed")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> certificates.left(host).compareTo(A_LONG_TIME) > 0);
    }
}
