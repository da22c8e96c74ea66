package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A user at a guest's serial console: one run of {@code kubectl tlvm console}. */
final class ConsoleUser implements AutoCloseable {
    private final Process process;
    private final StringBuffer screen = new StringBuffer();

    ConsoleUser(Stage stage, String vm) throws IOException {
        process = new ProcessBuilder("kubectl", "tlvm", "console", vm, "-n", stage.namespace)
                .redirectErrorStream(true)
                .start();
        Thread.ofVirtual().start(this::read);
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
