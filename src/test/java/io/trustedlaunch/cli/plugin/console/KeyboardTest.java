package io.trustedlaunch.cli.plugin.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyboardTest {
    private final PipedOutputStream user = new PipedOutputStream();
    private final ByteArrayOutputStream guest = new ByteArrayOutputStream();
    private final CountDownLatch closed = new CountDownLatch(1);
    private PipedInputStream unread;
    private Keyboard keyboard;

    @BeforeEach
    void start() throws IOException {
        unread = new PipedInputStream(user);
        keyboard = new Keyboard(unread);
        keyboard.start(closed::countDown);
        keyboard.connect(guest);
    }

    @Test
    void everyKeyIsSentIncludingControlC() throws IOException {
        type("ls\r\u0003\u001b[A");

        await().until(() -> guest.toString(US_ASCII).equals("ls\r\u0003\u001b[A"));
        assertThat(keyboard.isClosed()).isFalse();
    }

    @Test
    void controlBracketClosesAndLaterKeysAreNotSent() throws Exception {
        type("exit\r\u001drm -rf /\r");

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(keyboard.isClosed()).isTrue();
        assertThat(guest.toString(US_ASCII)).isEqualTo("exit\r");
    }

    /** What is left in the terminal would be typed to the user's shell. */
    @Test
    void whatTheTerminalAnswersAfterwardsIsReadAndDropped() throws Exception {
        type("\u001d");
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();

        type("\u001b[?62;4c\u001d\r");

        await().until(() -> unread.available() == 0);
        assertThat(guest.size()).isZero();
    }

    @Test
    void theEndOfTheInputCloses() throws Exception {
        type("last");
        user.close();

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(guest.toString(US_ASCII)).isEqualTo("last");
    }

    @Test
    void keysTypedBetweenTwoConnectionsAreSentToTheNext() throws Exception {
        keyboard.disconnect();
        type("ls\r".repeat(10_000));
        type("\u001d");
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(guest.size()).isZero();

        keyboard.connect(guest);

        assertThat(guest.toString(US_ASCII)).startsWith("ls\rls\r").hasSize(4096);
    }

    @Test
    void keysTypedOnABrokenConnectionAreLost() throws Exception {
        keyboard.connect(new OutputStream() {
            @Override
            public void write(int key) throws IOException {
                throw new IOException("gone");
            }
        });
        type("x");
        type("\u001d");

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private void type(String keys) throws IOException {
        user.write(keys.getBytes(US_ASCII));
        user.flush();
    }
}
