package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.custody.PublishedAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which peers may connect during a migration, on real QEMU, agents and libvirtd; {@code MigrationServerTest} has the agents'
 * cases.
 */
class CertificatesE2E {
    private static final Duration RENEWED_VALIDITY = Duration.ofDays(20);

    private static Stage stage;
    private static MigratingGuest guest;
    private static NodeCertificates certificates;

    @BeforeAll
    static void start() {
        stage = Stage.open("certificates");
        guest = MigratingGuest.start(stage, "guest");
        certificates = new NodeCertificates(stage);
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void noMemoryGoesToAQemuOfAnotherAuthority() {
        assertRefusedWith(target -> {
            var foreign = certificates.foreign();
            certificates.trustInQemu(target, foreign);
            certificates.presentInQemu(target, foreign, target, Instant.now());
        });
    }

    @Test
    void noMemoryGoesToAQemuOfAnotherNode() {
        assertRefusedWith(target -> certificates.presentInQemu(
                target, certificates.ofTheCluster(PublishedAuthority.QEMU), guest.host(), Instant.now()));
    }

    @Test
    void noMemoryGoesToAQemuWhoseCertificateHasExpired() {
        assertRefusedWith(target -> certificates.presentInQemu(
                target,
                certificates.ofTheCluster(PublishedAuthority.QEMU),
                target,
                Instant.now().minus(Duration.ofDays(31))));
    }

    @Test
    void theKeyOfQemuDoesNotOpenTheAgentsPortAndLibvirtListensOnNone() {
        String here = guest.host();
        ClusterNode there = stage.client
                .resources(ClusterNode.class)
                .withName(guest.otherHost())
                .get();
        String server = there.getStatus().address() + ":" + there.getStatus().migrationPort();
        String agentKey = "/var/lib/trusted-launch/agent/identity/agent";

        assertThat(connect(here, server, agentKey + ".crt", agentKey + ".key"))
                .as("the server answers an agent, even one whose guest it does not expect")
                .contains("no guest of VM");
        assertThat(connect(here, server, "/etc/pki/qemu/client-cert.pem", "/etc/pki/qemu/client-key.pem"))
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
            certificates.makeDueForRenewal(host);
            awaitRenewed(host);
        }
        VMMigration migration = guest.migrate();
        await("the migration to transfer memory")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> phase(migration) == Phase.Migrating);
        stage.lab.hosts().forEach(certificates::makeDueForRenewal);
        stage.lab.hosts().forEach(CertificatesE2E::awaitRenewed);
        System.out.println("Renewed while the migration was " + phase(migration));

        assertThat(stage.awaitEnd(migration).phase()).isEqualTo(Phase.Succeeded);
        guest.awaitSettled();
        guest.assertConsistent();
    }

    /** @param tampering given the target's name */
    private static void assertRefusedWith(Consumer<String> tampering) {
        Optional<VMMigrationStatus> ended = Optional.empty();
        for (int trial = 0; trial < 2 && ended.isEmpty(); trial++) {
            ended = migrateWith(tampering);
        }
        assertThat(ended)
                .hasValueSatisfying(status -> assertThat(status.phase()).isEqualTo(Phase.Failed));
    }

    /** Empty if the target's agent restored its own certificates meanwhile, as it does every ten minutes. */
    private static Optional<VMMigrationStatus> migrateWith(Consumer<String> tampering) {
        guest.awaitMigratable();
        String source = guest.host();
        String target = guest.otherHost();
        Map<Path, String> original = certificates.qemuFiles(target);
        VMMigrationStatus ended;
        boolean stillTampered;
        try {
            tampering.accept(target);
            ended = stage.awaitEnd(guest.migrate());
            stillTampered = !certificates.qemuFiles(target).equals(original);
        } finally {
            certificates.write(original);
        }
        guest.awaitSettled();
        guest.assertConsistent();
        if (!stillTampered) {
            System.out.println("The agent of " + target + " restored its own certificates");
            return Optional.empty();
        }
        System.out.println("Refused: " + ended.conditions().getFirst().getMessage());
        assertThat(guest.host()).isEqualTo(source);
        return Optional.of(ended);
    }

    /** What the server answers to a client with this certificate. */
    private static String connect(String from, String server, String certificate, String key) {
        return stage.lab.exec(
                from,
                "sh",
                "-c",
                "(echo '1 left " + guest.uid()
                        + " 999'; sleep 2) | timeout 10 openssl s_client -quiet -tls1_3 -connect " + server + " -cert "
                        + certificate + " -key " + key + " 2>&1; true");
    }

    private static Phase phase(VMMigration migration) {
        VMMigrationStatus status = stage.client.resource(migration).get().getStatus();
        return status == null ? null : status.phase();
    }

    private static void awaitRenewed(String host) {
        await("the certificates of " + host + " to be renewed")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> certificates.remainingValidity(host).compareTo(RENEWED_VALIDITY) > 0);
    }
}
