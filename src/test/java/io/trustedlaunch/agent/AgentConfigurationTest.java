package io.trustedlaunch.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.AgentConfiguration.InvalidException;
import io.trustedlaunch.agent.AgentConfiguration.MetricsAccess;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigurationTest {
    @TempDir
    private Path folder;

    private Path authority;

    @BeforeEach
    void writeAuthority() throws Exception {
        authority = Files.writeString(
                folder.resolve("ca.crt"),
                NodeCertificateAuthority.create("any", new SecureRandom(), Instant.now(), Duration.ofDays(1))
                        .certificatePem());
    }

    @Test
    void metricsAreNotServedByDefault() throws Exception {
        assertThat(AgentConfiguration.parse(arguments().build()).metrics()).isEmpty();
        assertThat(AgentConfiguration.parse(arguments()
                                .metricsClientCa(authority.toString())
                                .build())
                        .metrics())
                .isEmpty();
    }

    @Test
    void metricsHaveAPortAndAnAuthorityOfTheirReaders() throws Exception {
        assertThat(AgentConfiguration.parse(arguments()
                                .metricsPort(16518)
                                .metricsClientCa(authority.toString())
                                .build())
                        .metrics())
                .contains(new MetricsAccess(16518, authority));
    }

    @Test
    void aPortForMetricsWithoutAnAuthorityIsAnError() {
        assertThat(errors(arguments().metricsPort(16518)))
                .isEqualTo("--metrics-port: set --metrics-client-ca as well, to the file with the certificates of the"
                        + " authorities whose clients may read metrics");
    }

    @Test
    void eachPortIsAnother() {
        assertThat(errors(arguments().consolePort(16515)))
                .isEqualTo("--console-port: the same as --migration-port: 16515");
        assertThat(errors(arguments().healthPort(16516))).isEqualTo("--health-port: the same as --console-port: 16516");
        assertThat(errors(arguments().healthPort(16517).metricsPort(16517).metricsClientCa(authority.toString())))
                .isEqualTo("--metrics-port: the same as --health-port: 16517");
    }

    @Test
    void portsThatAreOffAreNotTheSame() throws Exception {
        assertThat(AgentConfiguration.parse(
                                arguments().migrationPort(0).consolePort(0).build())
                        .healthPort())
                .isEmpty();
    }

    @Test
    void allErrorsAreReportedTogether() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        Path missing = folder.resolve("missing");

        assertThat(errors(arguments()
                        .metricsPort(16515)
                        .metricsClientCa(missing.toString())
                        .stateDir("state")))
                .contains("--metrics-port: the same as --migration-port: 16515")
                .contains("--metrics-client-ca: cannot read " + missing)
                .contains("--state-dir: not an absolute path: state");
        assertThat(errors(arguments().metricsPort(1).metricsClientCa(empty.toString())))
                .isEqualTo("--metrics-client-ca: " + empty + " has no certificates in PEM");
    }

    private static String errors(AgentConfigurationArgumentsBuilder arguments) {
        return catchThrowableOfType(InvalidException.class, () -> AgentConfiguration.parse(arguments.build()))
                .getMessage();
    }

    private AgentConfigurationArgumentsBuilder arguments() {
        return AgentConfigurationArgumentsBuilder.builder()
                .node("host-a")
                .namespace("trusted-launch-system")
                .stateDir(folder.resolve("state").toString())
                .runDir(folder.resolve("run").toString())
                .libvirtUri("qemu:///system")
                .hypervisorUser("root")
                .migrationPort(16515)
                .consolePort(16516)
                .qemuPkiDir("/etc/pki/qemu");
    }
}
