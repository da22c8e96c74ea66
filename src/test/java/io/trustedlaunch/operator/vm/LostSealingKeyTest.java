package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The state of a node's agent is lost while a guest runs there, and with it the key that opens the VM's envelope. */
class LostSealingKeyTest {
    private static final FakeCluster CLUSTER = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"));
    private static final int ROUNDS = 60;

    private final History history = new History(CLUSTER, FakeCluster::agents);
    private FakeOperator operator;

    @BeforeEach
    void run() {
        history.server.createIfAbsent(Vms.vm(Vms.spec().build()));
        operator = history.succeed();
        history.play(ROUNDS);
        history.assertRunsAsRecorded();
    }

    @Test
    void theEnvelopeIsSealedOnceToTheKeyThatTheAgentMakes() throws Exception {
        NodeKeyPair key = publishNewKey();
        operator.lookAndPass();
        VMIncarnation sealed = incarnation();
        assertOpens(key, sealed);

        operator.lookAndPass();
        assertThat(incarnation().getMetadata().getResourceVersion())
                .isEqualTo(sealed.getMetadata().getResourceVersion());
    }

    @Test
    void soIsThatOfAGuestThatIsStopped() throws Exception {
        history.changeStrategy(RunStrategy.Halted);
        operator.lookAndPass();
        NodeKeyPair key = publishNewKey();
        operator.lookAndPass();
        assertOpens(key, incarnation());
    }

    private VMIncarnation incarnation() {
        return history.only(VMIncarnation.class);
    }

    private NodeKeyPair publishNewKey() {
        NodeKeyPair key = NodeKeyPair.generate(new SecureRandom());
        ClusterNode node = history.server.find(ClusterNode.class, "host-a").orElseThrow();
        node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                .sealingCertificate(CLUSTER.sealingCertificate("host-a", key))
                .build());
        history.server.replaceStatus(node);
        return key;
    }

    private static void assertOpens(NodeKeyPair key, VMIncarnation incarnation) throws Exception {
        byte[] envelope = Base64.getDecoder().decode(incarnation.getSpec().envelope());
        assertThat(Envelope.open(envelope, key, new EnvelopeAddress(Vms.UID, 1, "host-a"))
                        .protectionKey())
                .isNotNull();
    }
}
