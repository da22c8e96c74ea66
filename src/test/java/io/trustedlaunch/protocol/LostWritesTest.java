package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host loses its power, and with it what its agent did not sync. */
class LostWritesTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aFileThatWasNotSyncedIsGone() throws IOException {
        Path file = a.disk().resolve("not-synced");
        Files.write(a.throughCache(file), "written".getBytes(UTF_8));
        assertThat(file).exists();

        cluster.faults.crash(a);

        assertThat(file).doesNotExist();
    }

    /** At each point of its start and of its claim of the home, the agent dies and the host with it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatWasClaimedAndRecordedIsThere(int failpoint) {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        dieAt(failpoint);
        cluster.faults.crash(a);
        a.powerOn();
        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-a");
        assertThat(a.records().lookUp(VM).found()).isPresent();
    }

    private void dieAt(int failpoint) {
        int[] left = {failpoint};
        AgentProcess agent = a.startAgent();
        agent.atFailpoint(point -> {
            if (--left[0] == 0) {
                throw new Died(point.id());
            }
        });
        try {
            for (int pass = 0; pass < 4; pass++) {
                agent.look();
                agent.report(cluster.leader().identity());
                agent.act();
                cluster.operate();
            }
        } catch (Died died) {
            a.killAgent();
        }
    }
}
