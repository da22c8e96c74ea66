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
    void completeFilesHaveNoFault() {
        assertThat(UefiVariables.fault(WHOLE)).isEmpty();
        assertThat(UefiVariables.fault(VariableStores.with())).isEmpty();
    }

    @Test
    void aHeaderTornByAPowerCutIsNoFault() {
        byte[] torn = WHOLE.clone();
        int free = VariableStores.end(torn);
        Arrays.fill(torn, free + 1, free + 30, (byte) 7);

        assertThat(UefiVariables.fault(torn)).isEmpty();
    }

    /** Written byte by byte from the start; the valid mark would follow. */
    @Test
    void noMomentOfWritingAHeaderIsAFault() {
        for (int bytes = 0; bytes <= 60; bytes++) {
            assertThat(UefiVariables.fault(VariableStores.tornHeader(WHOLE, bytes)))
                    .as("%d bytes", bytes)
                    .isEmpty();
        }
    }

    /** OVMF does not repair a torn header: it continues after it. */
    @Test
    void variablesAfterATornHeaderAreFound() {
        for (int bytes = 2; bytes <= 60; bytes++) {
            byte[] torn = VariableStores.tornHeader(WHOLE, bytes);
            byte[] wentOn = VariableStores.and(torn, "after the power cut");

            assertThat(UefiVariables.fault(wentOn)).as("%d bytes", bytes).isEmpty();
            assertThat(VariableSuccession.breach(torn, wentOn)).isEmpty();
            assertThat(VariableSuccession.breach(wentOn, torn)).isPresent();
        }
    }

    /** Only bytes of the structure can be checked; the content belongs to the guest. */
    @Test
    void aFlippedBitOfTheStructureIsFoundAndOneOfTheContentIsNot() {
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
