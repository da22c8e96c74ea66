package io.trustedlaunch.cli.plugin.screen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A viewer that asks to be alone shares the screen, and nothing else of what it sends is changed. */
class SharedAccessTest {
    @ParameterizedTest
    @CsvSource({"003.008, \1\0", "003.007, \1\0", "003.003, \0", "003.005, \0"})
    void aViewerSharesTheScreenHoweverItsBytesArrive(String version, String choices) throws IOException {
        String shared = choices.substring(0, choices.length() - 1) + "\1";
        for (int chunk = 1; chunk < 40; chunk++) {
            ByteArrayOutputStream passed = new ByteArrayOutputStream();
            SharedAccess access = new SharedAccess(passed);
            byte[] sent = ("RFB " + version + "\n" + choices + "\0\0\0\0further").getBytes(ISO_8859_1);
            for (int begin = 0; begin < sent.length; begin += chunk) {
                access.write(sent, begin, Math.min(chunk, sent.length - begin));
            }
            assertThat(passed.toString(ISO_8859_1)).isEqualTo("RFB " + version + "\n" + shared + "\0\0\0\0further");
        }
    }
}
