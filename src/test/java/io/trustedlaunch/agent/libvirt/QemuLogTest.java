package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.StopReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuLogTest {
    private static final String START =
            "2026-08-01 10:00:00.000+0000: starting up libvirt version: 9.0.0, package: 9.0.0-4, qemu version: 7.2.9\n";

    private final UUID vm = UUID.randomUUID();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "shutdown, GUEST_SHUTDOWN",
        "destroyed, DESTROYED",
        "crashed, CRASHED",
        "migrated, MIGRATED",
        "failed, FAILED",
        "daemon, UNKNOWN",
        "a new reason, UNKNOWN"
    })
    void theLastLogEntryTellsHowTheDomainEnded(String reason, StopReason expected) throws IOException {
        log(START + end("crashed") + START + "qemu-system-x86_64: some noise\n" + end(reason));

        assertThat(lastStop()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/sbin/libvirtd, GUEST_SHUTDOWN",
        "libvirtd, GUEST_SHUTDOWN",
        "/usr/sbin/virtqemud, GUEST_SHUTDOWN",
        "<unknown process>, GUEST_SHUTDOWN",
        "/usr/lib/systemd/systemd, CRASHED",
        "/bin/kill, CRASHED"
    })
    void aGuestWhoseQemuWasKilledByAnotherProgramDidNotShutDown(String sender, StopReason expected) throws IOException {
        log(START + signal("/sbin/init") + end("shutdown") + START + signal(sender) + end("shutdown"));

        assertThat(lastStop()).isEqualTo(expected);
    }

    @Test
    void anUnloggedEndIsUnknown() throws IOException {
        log(START + end("shutdown") + START);

        assertThat(lastStop()).isEqualTo(StopReason.UNKNOWN);
    }

    @Test
    void withoutALogTheReasonIsUnknown() {
        assertThat(lastStop()).isEqualTo(StopReason.UNKNOWN);
    }

    @Test
    void onlyTheEndOfALongLogIsRead() throws IOException {
        log(START + "x".repeat(1_000_000) + "\n" + end("destroyed"));

        assertThat(lastStop()).isEqualTo(StopReason.DESTROYED);
    }

    private StopReason lastStop() {
        return new QemuLog(folder).lastStop(vm);
    }

    private void log(String text) throws IOException {
        Files.writeString(folder.resolve(vm + ".log"), text);
    }

    private static String signal(String sender) {
        return "2026-08-01T10:59:59.000000Z qemu-system-x86_64: terminating on signal 15 from pid 1 (" + sender + ")\n";
    }

    private static String end(String reason) {
        return "2026-08-01 11:00:00.000+0000: shutting down, reason=" + reason + "\n";
    }
}
