package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessagesTest {
    private static final String LONG = "x".repeat(Messages.MAX_LENGTH + 1);

    @Test
    void aMessageThatTheApiServerWouldRejectIsCutOffInEveryStatus() {
        assertThat(Stream.of(
                        VMIncarnationStatusBuilder.builder()
                                .message(LONG)
                                .build()
                                .message(),
                        VMIncarnationStatusDepartureBuilder.builder()
                                .message(LONG)
                                .build()
                                .message(),
                        ClusterNodeStatusLocationBuilder.builder()
                                .message(LONG)
                                .build()
                                .message(),
                        new StorageLocationStatus.Node("host-a", false, "NoSpace", LONG, null).message(),
                        TrustedLaunchVMStatusMigrationBuilder.builder()
                                .build()
                                .ended(Outcome.Stayed, "MigrationFailed", LONG)
                                .message()))
                .allSatisfy(message -> assertThat(message).hasSize(Messages.MAX_LENGTH));
    }

    @Test
    void aMessageThatFitsAndAnAbsentOneStay() {
        assertThat(Messages.bounded(LONG.substring(1))).isEqualTo(LONG.substring(1));
        assertThat(Messages.bounded(null)).isNull();
    }

    @Test
    void nothingInATextMakesALineOrSpeaksToATerminal() {
        assertThat(Messages.printable("a\nb\r\u001b[31mc\u2028d\u0085e\u202ef\u009b2Jg\u0007h\ud800i"))
                .isEqualTo("a?b??[31mc?d?e?f?2Jg?h?i");
        assertThat(Messages.printable("Zürich – 東京 …, 10 °C 🙂")).isEqualTo("Zürich – 東京 …, 10 °C 🙂");
    }
}
