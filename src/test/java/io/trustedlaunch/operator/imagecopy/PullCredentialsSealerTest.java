package io.trustedlaunch.operator.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.imagecopy.PullCredentialsSealer.SourceCredentials;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.operator.vm.Leaderships;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.SealingKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An envelope is replaced when the next one would be from another version of the Secret, or for another key. */
class PullCredentialsSealerTest {
    private static final SealingKey KEY = new SealingKey("host-a");
    private static final SourceCredentials CREDENTIALS =
            new SourceCredentials(new PullCredentialsFacts.Found(PullCredentials.bearer("token")), "secret/7");

    private final InstantSource clock = InstantSource.fixed(SealingKey.NOW);
    private final SealingCertificates certificates = new SealingCertificates(SealingKey::verifier, clock);
    private final PullCredentialsSealer sealer = new PullCredentialsSealer(
            Incarnations.NAMESPACE,
            new FakeOperator(
                    new FakeApiServer(),
                    Leaderships.undisputed("leader"),
                    Leaderships.assignments(),
                    new AgentLiveness(() -> 0L),
                    certificates,
                    Optional.empty(),
                    clock),
            certificates,
            new SecureRandom());

    @Test
    void aRenewedCertificateForTheSameKeyReplacesNoEnvelope() {
        assertThat(from(CREDENTIALS, KEY)).isPresent().isEqualTo(from(CREDENTIALS, KEY));
    }

    @Test
    void anotherKeyOfTheNodeAndAnotherSecretDo() {
        SourceCredentials changed = new SourceCredentials(CREDENTIALS.facts(), "secret/8");

        assertThat(from(CREDENTIALS, new SealingKey("host-a"))).isPresent().isNotEqualTo(from(CREDENTIALS, KEY));
        assertThat(from(changed, KEY)).isPresent().isNotEqualTo(from(CREDENTIALS, KEY));
    }

    /** With a certificate of its own. */
    private Optional<String> from(SourceCredentials credentials, SealingKey key) {
        ClusterNode node = Nodes.clusterNode(Nodes.info("host-a").build());
        node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                .sealingCertificate(key.certificatePem())
                .build());
        return sealer.from(credentials, Optional.of(node));
    }
}
