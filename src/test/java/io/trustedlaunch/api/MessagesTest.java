package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
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
                        TrustedLaunchVMStatusMigrationBuilder.builder()
                                .build()
                                .ended(Outcome.Stayed, "MigrationFailed", LONG)
                                .message()))
                .allSatisfy(message -> assertThat(message).hasSize(Messages.MAX_LENGTH));
    }

    @Test
    void whatAGuestOrAHostSaysIsCutOffWhereItIsRecordedSoThatTheRestIsReported() {
        List<String> addresses = IntStream.range(0, 2048)
                .mapToObj(i -> "10.0." + i / 256 + "." + i % 256)
                .toList();
        Interface card = new Interface("lan", "52:54:00:00:00:01", addresses);
        VMIncarnationStatus report = VMIncarnationStatusBuilder.builder()
                .networkInterfaces(Collections.nCopies(100, card))
                .secureBoot(new SecureBootState(
                        false, true, IntStream.range(0, 100).boxed().toList(), List.of(), 0))
                .build();

        assertThat(report.networkInterfaces()).hasSize(Interface.MAX);
        assertThat(report.networkInterfaces().getFirst().ipAddresses()).isEqualTo(addresses.subList(0, 16));
        assertThat(report.secureBoot().microsoftInDb()).hasSize(SecureBootState.MAX_YEARS);
        assertThat(new ClusterNodeStatus.Versions(LONG, LONG, LONG, LONG, LONG).qemu())
                .hasSize(Messages.MAX_VERSION);
        assertThat(new StorageLocationStatus.Node("host-a", false, "NoSpace", LONG, null).message())
                .hasSize(StorageLocationStatus.Node.MAX_MESSAGE);
        assertThat(ClusterNodeStatusBuilder.builder()
                        .networks(List.of(LONG, "default"))
                        .build()
                        .networks())
                .containsExactly("default");
    }

    @Test
    void noCharacterIsCutInTwo() {
        assertThat(Messages.bounded("x" + "\uD83D\uDE00".repeat(3), 4)).isEqualTo("x\uD83D\uDE00");
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
