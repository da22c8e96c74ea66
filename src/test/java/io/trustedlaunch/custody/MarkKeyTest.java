package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkKeyTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final MarkKey key = MarkKey.derivedFrom(new byte[] {1});

    @Test
    void aMarkIsReadBackFromItsText() {
        Mark mark = key.issue(412);
        assertThat(Mark.parse(mark.toString())).contains(mark);
        assertThat(mark.toString()).startsWith("412.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "412", "0.", "-1.", "1234567890123456789."})
    void anythingElseIsNoMark(String number) {
        String proof = number.endsWith(".") ? key.issue(1).proof() : "";
        assertThat(Mark.parse(number + proof)).isEmpty();
        assertThat(Mark.parse("412." + "G".repeat(64))).isEmpty();
    }

    @Test
    void aProofIsForOneNumberAndOneKey() {
        Mark mark = key.issue(412);
        assertThat(key.hasIssued(mark)).isTrue();
        assertThat(key.hasIssued(new Mark(413, mark.proof()))).isFalse();
        assertThat(key.hasIssued(MarkKey.derivedFrom(new byte[] {2}).issue(412)))
                .isFalse();
    }

    @Test
    void anAuthorityThatWasRestoredVerifiesTheMarksFromBefore() {
        NodeCertificateAuthority authority = NodeCertificateAuthority.create(
                PublishedAuthority.NODES, new SecureRandom(), NOW, Duration.ofDays(365));
        Mark mark = authority.markKey().issue(412);
        NodeCertificateAuthority restored =
                NodeCertificateAuthority.fromPem(authority.keyPem(), authority.certificatePem());
        assertThat(restored.markKey().hasIssued(mark)).isTrue();
    }
}
