package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.RsaKeys;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class NodeKeyPairTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void aPairReadBackFromItsFileIsTheSame() {
        NodeKeyPair pair = NodeKeyPair.generate(random);

        assertThat(NodeKeyPair.fromPem(pair.toPem()).publicKey().getEncoded())
                .isEqualTo(pair.publicKey().getEncoded());
    }

    @Test
    void aTruncatedOrForeignKeyIsRefusedWithoutQuotingIt() throws Exception {
        String pem = NodeKeyPair.generate(random).toPem();
        String body = pem.lines().skip(1).findFirst().orElseThrow();
        String rsaPem = PemBlock.write(
                PemBlock.PRIVATE_KEY, RsaKeys.make(2048).getPrivate().getEncoded());

        assertThatThrownBy(() -> NodeKeyPair.fromPem(pem.substring(0, pem.length() / 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain(body.substring(0, 10));
        assertThatThrownBy(() -> NodeKeyPair.fromPem(PemBlock.write(
                        PemBlock.PRIVATE_KEY, Base64.getMimeDecoder().decode(body))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NodeKeyPair.fromPem(rsaPem)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NodeKeyPair.fromPem("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTextOfAPairIsItsPublicId() {
        NodeKeyPair pair = NodeKeyPair.generate(random);

        assertThat(pair.toString()).isEqualTo("NodeKeyPair[" + pair.keyId() + "]");
    }
}
