package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.VariableStores;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class UefiVariablesTest {
    private static final byte[] WHOLE = VariableStores.with("platform key", "boot order");

    @Test
    void wholeFilesHaveNoFault() {
        assertThat(UefiVariables.fault(WHOLE)).isEmpty();
        assertThat(UefiVariables.fault(VariableStores.with())).isEmpty();
    }

    @Test
    void aHeaderThatAPowerCutLeftHalfWrittenIsNoFault() {
        byte[] torn = WHOLE.clone();
        int free = VariableStores.end(torn);
        Arrays.fill(torn, free + 1, free + 30, (byte) 7);

        assertThat(UefiVariables.fault(torn)).isEmpty();
    }

    /** Byte by byte from the front, and then that it is valid. */
    @Test
    void noMomentOfWritingAHeaderIsAFault() {
        byte[] written = VariableStores.with("platform key", "boot order", "one more");
        int free = VariableStores.end(WHOLE);
        byte[] now = WHOLE.clone();
        for (int at = free; at < free + 60; at++) {
            now[at] = at == free + 2 ? (byte) 0xff : written[at];
            assertThat(UefiVariables.fault(now)).as("byte %d", at - free).isEmpty();
        }
    }

    /** A byte of what a guest wrote is the guest's; a byte of the form is not. */
    @Test
    void aFlipOfTheFormIsFoundAndOneOfTheContentCannotBe() {
        Map<Integer, Boolean> found = new TreeMap<>();
        int end = VariableStores.end(WHOLE);
        for (int at = 0; at < end; at++) {
            byte[] flipped = WHOLE.clone();
            flipped[at] ^= 1;
            found.put(at, UefiVariables.fault(flipped).isPresent());
        }

        // The whole header of the volume, by its checksum.
        assertThat(found.entrySet().stream().filter(one -> one.getKey() < 72)).allMatch(Map.Entry::getValue);
        // GUID, size, format and state of the store.
        assertThat(found.entrySet().stream()
                        .filter(one -> one.getKey() >= 72 && one.getKey() < 92 && one.getKey() != 88))
                .filteredOn(one -> one.getKey() < 88 || one.getKey() > 90)
                .allMatch(Map.Entry::getValue);
        for (int start : new int[] {0, 1, 38, 39, 42, 43}) {
            assertThat(found.get(VariableStores.FIRST_VARIABLE + start))
                    .as("variable, byte %d", start)
                    .isTrue();
        }
        assertThat(found.get(end - 4)).as("a byte of the guest's").isFalse();
    }

    @Test
    void anotherLengthIsFound() {
        for (int length = 0; length < WHOLE.length; length += 7) {
            assertThat(UefiVariables.fault(Arrays.copyOf(WHOLE, length))).isPresent();
        }
        assertThat(UefiVariables.fault(Arrays.copyOf(WHOLE, WHOLE.length + 1))).isPresent();
        assertThat(UefiVariables.fault(new byte[WHOLE.length])).isPresent();
    }
}
