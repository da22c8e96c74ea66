package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MaintenanceMemoryTest {
    private final FakeApiServer server = new FakeApiServer();
    private final MaintenanceMemory memory = memory();
    private int reads;

    @Test
    void anotherOperatorKnowsTheMaintenanceThatANodeHadLast() {
        memory.keep("host-a", Maintenance.Drain);
        memory.keep("host-b", Maintenance.Cordon);
        memory.keep("host-a", Maintenance.Cordon);

        assertThat(memory().of("host-a")).isEqualTo(Maintenance.Cordon);
        assertThat(memory().of("host-b")).isEqualTo(Maintenance.Cordon);
        assertThat(memory().of("host-c")).isEqualTo(Maintenance.None);
    }

    @Test
    void aNodeInServiceHasNoEntry() {
        memory.keep("host-a", Maintenance.None);
        assertThat(stored()).as("nothing to write").isEmpty();

        memory.keep("host-a", Maintenance.Cordon);
        memory().keep("host-a", Maintenance.None);

        assertThat(stored().orElseThrow().getData()).isEmpty();
        assertThat(memory.of("host-a")).isEqualTo(Maintenance.None);
    }

    @Test
    void aChangeThatAnotherOperatorMadeIsNotMistakenForItsOwn() {
        memory.keep("host-a", Maintenance.Cordon);
        memory().keep("host-a", Maintenance.None);

        memory.of("host-a");
        memory.keep("host-a", Maintenance.Cordon);

        assertThat(memory().of("host-a")).isEqualTo(Maintenance.Cordon);
    }

    @Test
    void nothingIsReadOrWrittenWhileNothingChanges() {
        memory.keep("host-a", Maintenance.Cordon);
        String before = server.state();
        int readBefore = reads;

        memory.keep("host-a", Maintenance.Cordon);
        memory.keep("host-b", Maintenance.None);

        assertThat(server.state()).isEqualTo(before);
        assertThat(reads).isEqualTo(readBefore);
    }

    @Test
    void aValueOfALaterVersionCountsAsACordon() {
        memory.keep("host-a", Maintenance.Drain);
        server.mergeData(stored().orElseThrow(), Map.of("host-a", "Evacuate"));

        assertThat(memory.of("host-a")).isEqualTo(Maintenance.Cordon);
    }

    private Optional<ConfigMap> stored() {
        return server.find(ConfigMap.class, EnrolmentReconciler.MAINTENANCE);
    }

    private MaintenanceMemory memory() {
        return new MaintenanceMemory(
                "trusted-launch-system",
                () -> {
                    reads++;
                    return stored();
                },
                server);
    }
}
