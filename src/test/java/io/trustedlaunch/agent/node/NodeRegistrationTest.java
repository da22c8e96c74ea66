package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A ClusterNode that was deleted is registered again by its agent. */
class NodeRegistrationTest {
    @TempDir
    private Path folder;

    private final List<Maintenance> registered = new ArrayList<>();
    private NodeRegistration agent;

    @BeforeEach
    void restartAgent() {
        agent = new NodeRegistration(folder.resolve("maintenance"), registered::add);
    }

    @Test
    void aNewNodeIsInService() {
        agent.register();
        assertThat(registered).containsExactly(Maintenance.None);
    }

    @ParameterizedTest
    @EnumSource(Maintenance.class)
    void theMaintenanceThatANodeHadLastIsNotForgotten(Maintenance last) {
        agent.seen(node(Maintenance.Cordon));
        agent.seen(node(last));
        agent.register();
        assertThat(registered).containsExactly(last);
    }

    @Test
    void theMaintenanceIsNotForgottenIfTheAgentIsRestartedMeanwhile() {
        agent.seen(node(Maintenance.Drain));
        restartAgent();
        agent.register();
        assertThat(registered).containsExactly(Maintenance.Drain);
    }

    /** Of a later version, for example: a node that takes no VMs does no harm. */
    @Test
    void aMaintenanceThatIsUnknownCountsAsACordon() throws IOException {
        Files.writeString(folder.resolve("maintenance"), "Broken");
        agent.register();
        assertThat(registered).containsExactly(Maintenance.Cordon);
    }

    /** The API server may be gone, and the disk full, at the same time. */
    @Test
    void aMaintenanceThatCannotBeWrittenIsStillKnown() throws IOException {
        Files.delete(folder);
        agent.seen(node(Maintenance.Cordon));
        agent.register();
        assertThat(registered).containsExactly(Maintenance.Cordon);

        Files.createDirectory(folder);
        agent.seen(node(Maintenance.Cordon));
        restartAgent();
        agent.register();
        assertThat(registered).containsExactly(Maintenance.Cordon, Maintenance.Cordon);
    }

    private static ClusterNode node(Maintenance maintenance) {
        ClusterNode node = new ClusterNode();
        node.setSpec(new ClusterNodeSpec(null, maintenance, null));
        return node;
    }
}
