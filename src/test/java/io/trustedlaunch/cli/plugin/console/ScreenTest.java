package io.trustedlaunch.cli.plugin.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a console leaves behind in the user's terminal. */
class ScreenTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Sets each of the modes and says no more. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[?1h", "[?5h", "[?9h", "[?47h", "[?69h", "[?1000h", "[?1001h", "[?1002h", "[?1003h", "[?1004h",
                "[?1005h", "[?1006h", "[?1015h", "[?1016h", "[?1047h", "[?1049h", "[?2004h", "[?2026h", "[2h", "[4h",
                "[20h"
            })
    void aModeThatAGuestCanSwitchOnIsOffAfterwards(String on) throws IOException {
        assertThat(after(on)).contains("\u001b" + on.replace('h', 'l'));
    }

    /** Off is what harms: no cursor, long lines overwritten. */
    @ParameterizedTest
    @ValueSource(strings = {"[?25l", "[?7l"})
    void aModeThatAGuestCanSwitchOffIsOnAfterwards(String off) throws IOException {
        assertThat(after(off)).contains("\u001b" + off.replace('l', 'h'));
    }

    @Test
    void whatAGuestHasBegunIsEndedFirst() throws IOException {
        assertThat(after("]0;a title without an end")).startsWith("\u0018\u001b\\");
        assertThat(after(""))
                .contains("\u001b[!p", "\u001b(B", "\u001b[0m", "\u001b[>4m", "\u001b[=0u", "\u001b[23;0t");
    }

    /** What it does not know, it may take for an attribute. */
    @Test
    void attributesAreResetLast() throws IOException {
        assertThat(after("[7m")).endsWith("\u001b[0m");
    }

    /** It moves the cursor to where it was saved last, and the soft reset forgets that place. */
    @Test
    void theCursorStaysWhereItIs() throws IOException {
        assertThat(after("")).containsSubsequence("\u001b7", "\u001b[?1049l", "\u001b[!p");
        assertThat(after("")).contains("\u001b7\u001b[r\u001b8");
    }

    @Test
    void nothingOfTheGuestComesAfterwards() throws IOException {
        Screen screen = new Screen(out, true);
        screen.write("hello".getBytes(US_ASCII));
        screen.close();
        screen.close();

        assertThatThrownBy(() -> screen.write("late".getBytes(US_ASCII))).isInstanceOf(IOException.class);
        assertThat(out.toString(US_ASCII)).isEqualTo(Screen.ENTER + "hello" + Screen.RESET);
    }

    @Test
    void aFileGetsWhatTheGuestSentAndNothingElse() throws IOException {
        byte[] all = new byte[256];
        for (int each = 0; each < all.length; each++) {
            all[each] = (byte) each;
        }
        try (Screen screen = new Screen(out, false)) {
            screen.write(all);
            screen.write('x');
        }

        assertThat(Arrays.copyOf(out.toByteArray(), all.length)).isEqualTo(all);
        assertThat(out.size()).isEqualTo(all.length + 1);
    }

    private String after(String sequence) throws IOException {
        out.reset();
        String sent = "\u001b" + sequence;
        try (Screen screen = new Screen(out, true)) {
            screen.write(sent.getBytes(US_ASCII));
        }
        return out.toString(US_ASCII).substring((Screen.ENTER + sent).length());
    }
}
