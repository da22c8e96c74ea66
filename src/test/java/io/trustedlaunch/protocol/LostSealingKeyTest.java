package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The key of a node's agent is lost while a guest runs there, and with it the VM's envelope. */
class LostSealingKeyTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host host = cluster.host("host-a");

    @BeforeEach
    void start() {
        cluster.start();
        cluster.assertRunsOn("host-a");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theEnvelopeIsSealedOnceToTheKeyThatTheAgentMakes() {
        replaceKey();
        VMIncarnation sealed = incarnation();
        assertOpens(sealed);

        cluster.operate();
        assertThat(incarnation().getMetadata().getResourceVersion())
                .isEqualTo(sealed.getMetadata().getResourceVersion());
    }

    @Test
    void soIsThatOfAGuestThatIsStopped() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.operate();

        replaceKey();

        assertOpens(incarnation());
        cluster.settle();
        cluster.assertDoesNotRun();
        assertThat(cluster.status().guestState().home().complete()).isTrue();
    }

    private void replaceKey() {
        host.replaceKey();
        cluster.act(host);
        cluster.operate();
    }

    private VMIncarnation incarnation() {
        return cluster.incarnation(1).orElseThrow();
    }

    private void assertOpens(VMIncarnation incarnation) {
        byte[] envelope = Base64.getDecoder().decode(incarnation.getSpec().envelope());
        assertThat(host.envelopes()
                        .open(envelope, new EnvelopeAddress(Vms.UID, 1, "host-a"))
                        .protectionKey())
                .isNotNull();
    }
}
