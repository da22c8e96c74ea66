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
    @CsvSource({"003.008, 1", "003.007, 1", "003.003, 0", "003.005, 0"})
    void aViewerSharesTheScreenHoweverItsBytesArrive(String version, int choices) throws IOException {
        String chosen = "RFB " + version + "\n" + "\1".repeat(choices);
        for (int chunk = 1; chunk < 40; chunk++) {
            ByteArrayOutputStream passed = new ByteArrayOutputStream();
            SharedAccess access = new SharedAccess(passed);
            byte[] sent = (chosen + "\0\0\0\0further").getBytes(ISO_8859_1);
            for (int begin = 0; begin < sent.length; begin += chunk) {
                access.write(sent, begin, Math.min(chunk, sent.length - begin));
            }
            assertThat(passed.toString(ISO_8859_1)).isEqualTo(chosen + "\1\0\0\0further");
        }
    }
}
