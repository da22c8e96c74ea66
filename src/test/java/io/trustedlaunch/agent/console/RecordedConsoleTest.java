package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user who comes late sees of the start: {@code Access Denied} is written once. */
class RecordedConsoleTest {
    private static final UUID VM = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");
    private static final String DENIED = "BdsDxe: failed to load Boot0001: Access Denied\r\n";

    @TempDir
    Path folder;

    @Test
    void whatThePresentStartHasWrittenComesFirst() throws Exception {
        ConsoleLogs logs = logs();
        logs.ensure(VM);
        write(logs, "an earlier start\r\n");
        logs.ensure(VM);
        write(logs, DENIED);

        assertThat(shown(logs, 7, "live")).isEqualTo(DENIED + "live");
    }

    /** Which start it was is not known any more, so the newest output is shown. */
    @Test
    void anAgentThatWasRestartedShowsTheEndOfTheLog() throws Exception {
        logs().ensure(VM);
        write(logs(), "x".repeat(100_000) + DENIED);

        assertThat(shown(logs(), 512, "live"))
                .hasSize(ConsoleLogs.SHOWN + "live".length())
                .endsWith(DENIED + "live");
    }

    @Test
    void aLogThatWasRotatedIsShownFromItsBegin() throws Exception {
        ConsoleLogs logs = logs();
        logs.ensure(VM);
        write(logs, "a long earlier start\r\n");
        logs.ensure(VM);
        Files.writeString(logs.of(VM), "after");

        assertThat(shown(logs, 512, "live")).isEqualTo("afterlive");
    }

    @Test
    void aVmWithoutALogHasItsConsole() throws Exception {
        assertThat(shown(logs(), 512, "live")).isEqualTo("live");
    }

    private ConsoleLogs logs() {
        return new ConsoleLogs(folder.resolve("consoles"), Accounts.ownerOf(folder));
    }

    private static void write(ConsoleLogs logs, String text) throws IOException {
        Files.writeString(logs.of(VM), text, StandardOpenOption.APPEND);
    }

    private static String shown(ConsoleLogs logs, int bufferSize, String live) throws InterruptedException {
        RecordedConsole console = new RecordedConsole(logs.recent(VM), new Live(new ArrayDeque<>(List.of(live))));
        StringBuilder shown = new StringBuilder();
        byte[] buffer = new byte[bufferSize];
        for (int length = console.read(buffer); length != GuestConsole.ENDED; length = console.read(buffer)) {
            shown.append(new String(buffer, 0, length, US_ASCII));
        }
        return shown.toString();
    }

    private record Live(Deque<String> output) implements GuestConsole {
        @Override
        public int read(byte[] buffer) {
            String next = output.poll();
            if (next == null) {
                return ENDED;
            }
            System.arraycopy(next.getBytes(US_ASCII), 0, buffer, 0, next.length());
            return next.length();
        }

        @Override
        public boolean write(byte[] bytes, int length) {
            return true;
        }

        @Override
        public void close() {}
    }
}
