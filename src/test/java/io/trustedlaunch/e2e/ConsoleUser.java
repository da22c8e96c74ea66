package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A user at a guest's serial console: one run of {@code kubectl tlvm console}. */
final class ConsoleUser implements AutoCloseable {
    /** Prints the terminal's mode before and after, and what is left in it for the next program. */
    private static final String IN_TERMINAL =
            "stty -g; kubectl tlvm console %s -n %s; stty -g; IFS= read -r -t 2 left; echo \"[left: $left]\"";

    private final Process process;
    private final StringBuffer screen = new StringBuffer();

    ConsoleUser(Stage stage, String vm) throws IOException {
        this(List.of("kubectl", "tlvm", "console", vm, "-n", stage.namespace));
    }

    private ConsoleUser(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofVirtual().start(this::read);
    }

    /** With a terminal, as a person has, in which bash runs the plugin. */
    static ConsoleUser inTerminal(Stage stage, String vm) throws IOException {
        String line = IN_TERMINAL.formatted(vm, stage.namespace);
        return new ConsoleUser(List.of("script", "-qfc", "bash -c '" + line + "'", "/dev/null"));
    }

    private void read() {
        byte[] bytes = new byte[4096];
        try (InputStream out = process.getInputStream()) {
            for (int length = out.read(bytes); length >= 0; length = out.read(bytes)) {
                screen.append(new String(bytes, 0, length, ISO_8859_1));
            }
        } catch (IOException e) {
            screen.append(e);
        }
    }

    void type(String keys) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write(keys.getBytes(ISO_8859_1));
        in.flush();
    }

    void awaitScreen(String text) {
        await("the screen shows " + text + "; it shows " + screen)
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> screen.indexOf(text) >= 0);
    }

    String screen() {
        return screen.toString();
    }

    int code() throws InterruptedException {
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
