package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.cli.plugin.PlayedApiServer.Ran;
import io.trustedlaunch.process.ProductVersion;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionCommandTest {
    private static final String OWN = ProductVersion.running();

    private PlayedApiServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        server = new PlayedApiServer(folder);
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void ofOneVersionNothingIsSaid() {
        operator(OWN);
        agent("host-a", OWN);
        agent("host-b", OWN);

        assertThat(server.run("version")).isEqualTo(new Ran(0, """
                        plugin:   %1$s
                        operator: %1$s
                        agents:   %1$s on host-a, host-b
                        """.formatted(OWN), ""));
    }

    @Test
    void anotherVersionIsToldWithWhatToDo() {
        operator("9.9.0");
        agent("host-a", "9.8.0");

        Ran ran = server.run("version");

        assertThat(ran.out()).contains("operator: 9.9.0\n", "agents:   9.8.0 on host-a\n");
        assertThat(ran.err())
                .isEqualTo("warning: the plugin is of version " + OWN
                        + ", and the cluster has 9.9.0: install the plugin of the"
                        + " operator's version, and upgrade agents that are behind\n");
    }

    @Test
    void whoMayReadNothingSeesThePluginsVersion() {
        server.forbid(ClusterNode.class);
        server.forbid(Deployment.class);

        assertThat(server.run("version")).isEqualTo(new Ran(0, """
                        plugin:   %s
                        operator: you may not read its Deployment in namespace trusted-launch-system
                        agents:   you may not list ClusterNodes
                        """.formatted(OWN), ""));
    }

    private void operator(String version) {
        server.have(Serialization.unmarshal("""
                metadata:
                  name: trusted-launch-operator
                  namespace: trusted-launch-system
                  labels: {app.kubernetes.io/version: %s}
                """.formatted(version), Deployment.class));
    }

    private void agent(String node, String version) {
        server.have(Serialization.unmarshal("""
                metadata: {name: %s}
                status: {versions: {agent: %s}}
                """.formatted(node, version), ClusterNode.class));
    }
}
