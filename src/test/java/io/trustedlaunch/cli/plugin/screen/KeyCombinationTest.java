package io.trustedlaunch.cli.plugin.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCombinationTest {
    @Test
    void keysAreNamedAsTheyArePrinted() {
        assertThat(KeyCombination.parse("Ctrl-Alt-Del").keysyms()).containsExactly(0xffe3, 0xffe9, 0xffff);
        assertThat(KeyCombination.parse("f12").keysyms()).containsExactly(0xffc9);
        assertThat(KeyCombination.parse("win-r").keysyms()).containsExactly(0xffeb, (int) 'r');
        assertThat(KeyCombination.parse("7").keysyms()).containsExactly((int) '7');
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ctrl-", "ctrl--del", "f13", "ctrl+alt", "ä", "ctrl-altdel"})
    void aKeyThatIsNotKnownIsNamedWithThoseThatAre(String text) {
        assertThatThrownBy(() -> KeyCombination.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no key \"")
                .hasMessageContaining("pageup");
    }
}
