package io.trustedlaunch.cli.plugin.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text);

    @Test
    void aPipeGetsALineForEachChange() {
        ProgressLine progress = new ProgressLine(out, false);
        progress.show("one", 10);
        progress.show("one", 20);
        progress.show("two", 30);
        progress.end("two");

        assertThat(text.toString().lines()).containsExactly("one", "two");
    }

    @Test
    void aTerminalGetsOneLineThatIsDrawnOver() {
        ProgressLine progress = new ProgressLine(out, true);
        progress.show("half", 50);
        progress.end("done");

        assertThat(text)
                .hasToString("\r\u001b[K[" + "=".repeat(15) + " ".repeat(15) + "] half" + "\r\u001b[Kdone"
                        + System.lineSeparator());
    }

    @Test
    void aBarStaysWithinItsEnds() {
        ProgressLine progress = new ProgressLine(out, true);
        progress.show("more than all", 140);
        progress.show("less than none", -3);

        assertThat(text.toString()).contains("[" + "=".repeat(30) + "]").contains("[" + " ".repeat(30) + "]");
    }
}
