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
}
