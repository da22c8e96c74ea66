package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.cli.plugin.PlayedApiServer.Ran;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl tlvm migrate VM --cancel}. */
class CancelledMigrationTest {
    private PlayedApiServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        server = new PlayedApiServer(folder);
        migration("payroll-1", "payroll", "{completionTime: \"2026-11-01T00:00:00Z\"}");
        migration("web-1", "web", "{phase: Migrating}");
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void thoseOfTheVmThatHaveNotEndedAreDeleted() {
        migration("payroll-2", "payroll", "{phase: Migrating}");
        migration("payroll-3", "payroll", "null");

        assertThat(server.run("migrate", "payroll", "--cancel"))
                .isEqualTo(new Ran(0, "vmmigration/payroll-2 cancelled\nvmmigration/payroll-3 cancelled\n", ""));
        assertThat(server.writes()).containsExactly("DELETE payroll-2", "DELETE payroll-3");
    }

    @Test
    void whatHasEndedCannotBeCancelled() {
        assertThat(server.run("migrate", "payroll", "--cancel"))
                .isEqualTo(new Ran(1, "", "error: no migration of TrustedLaunchVM finance/payroll is under way\n"));
        assertThat(server.run("migrate", "web", "--cancel", "--to", "host-b").err())
                .contains("--cancel and --to exclude each other");
        assertThat(server.writes()).isEmpty();
    }

    private void migration(String name, String vm, String status) {
        server.have(Serialization.unmarshal("""
                metadata: {name: %s, namespace: finance}
                spec: {vmRef: {name: %s}}
                status: %s
                """.formatted(name, vm, status), VMMigration.class));
    }
}
