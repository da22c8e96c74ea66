package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.VariableStores;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class VariableSuccessionTest {
    private static final int STATE = 2;
    private static final int FIRST = VariableStores.FIRST_VARIABLE;
    private static final byte[] SEALED = VariableStores.with("platform key", "boot order");

    @Test
    void firmwareAppendsAndDeletes() {
        assertThat(VariableSuccession.breach(SEALED, SEALED)).isEmpty();
        assertThat(breach(VariableStores.with("platform key", "boot order", "and more")))
                .isEmpty();
        assertThat(breach(with(file -> file[FIRST + STATE] = 0x3e))).isEmpty();
        assertThat(breach(with(file -> file[FIRST + STATE] = 0x3d))).isEmpty();
        assertThat(breach(with(file -> file[FIRST + STATE] = 0x3c))).isEmpty();
    }

    /** Each of these in reverse is a rollback. */
    @Test
    void deletedVariablesDoNotComeBack() {
        for (byte[] later : new byte[][] {
            VariableStores.with("platform key", "boot order", "and more"),
            with(file -> file[FIRST + STATE] = 0x3e),
            with(file -> file[FIRST + STATE] = 0x3d)
        }) {
            assertThat(VariableSuccession.breach(later, SEALED)).isPresent();
        }
    }

    /** Except the two bits that a deletion clears. */
    @Test
    void everyFlippedBitOfAVariableIsFound() {
        int end = VariableStores.end(SEALED);
        for (int at = 0; at < end; at++) {
            for (int bit = 1; bit < 256; bit <<= 1) {
                byte[] flipped = SEALED.clone();
                flipped[at] ^= (byte) bit;
                boolean deletion = bit <= 2 && (at == FIRST + STATE || at == second() + STATE);
                assertThat(breach(flipped).isPresent())
                        .as("byte %d, bit %d", at, bit)
                        .isEqualTo(!deletion);
            }
        }
    }

    @Test
    void anInterruptedVariableMayBeCompleted() {
        byte[] written = VariableStores.with("platform key", "boot order", "one more");
        byte[] begun = written.clone();
        int third = VariableStores.end(SEALED);
        begun[third + STATE] = 0x7f;
        int content = VariableStores.end(written) - 8;
        Arrays.fill(begun, content, content + 8, (byte) 0xff);

        assertThat(VariableSuccession.breach(begun, written)).isEmpty();
        assertThat(VariableSuccession.breach(written, begun)).isPresent();
    }

    @Test
    void aTornHeaderAtTheEndMayBeCompletedOrSkipped() {
        byte[] torn = SEALED.clone();
        Arrays.fill(torn, VariableStores.end(SEALED) + 4, VariableStores.end(SEALED) + 30, (byte) 7);

        assertThat(breach(torn)).isEmpty();
        assertThat(VariableSuccession.breach(torn, SEALED)).isPresent();
    }

    /** All variables have moved; firmware's log proves that it did this. */
    @Test
    void firmwareMayReclaimSpace() {
        byte[] before = VariableStores.tidiedUp(1, "deleted", "kept");

        assertThat(VariableSuccession.breach(before, VariableStores.tidiedUp(2, "kept", "and more")))
                .isEmpty();
        assertThat(VariableSuccession.breach(VariableStores.tidiedUp(0, "deleted", "kept"), before))
                .isEmpty();
    }

    @Test
    void aRollbackAfterReclaimIsFound() {
        byte[] before = VariableStores.tidiedUp(2, "deleted", "kept");

        assertThat(VariableSuccession.breach(before, VariableStores.tidiedUp(1, "deleted", "kept")))
                .hasValueSatisfying(why -> assertThat(why).contains("write log"));
        assertThat(VariableSuccession.breach(before, VariableStores.tidiedUp(2, "kept")))
                .isPresent();
        byte[] withoutLog = VariableStores.tidiedUp(2, "kept");
        Arrays.fill(withoutLog, VariableStores.LOG, VariableStores.SPARE, (byte) 0xff);
        assertThat(VariableSuccession.breach(before, withoutLog)).isPresent();
    }

    /** Firmware fills the spare area first, with the variables still in place. */
    @Test
    void firmwareMayBeReclaimingSpace() {
        byte[] before = VariableStores.tidiedUp(1, "deleted", "kept");
        VariableStores.log(before, 1, 0xfc, 0xff);
        byte[] after = before.clone();
        Arrays.fill(after, VariableStores.SPARE, VariableStores.SPARE + 2000, (byte) 0x12);

        assertThat(VariableSuccession.breach(before, after)).isEmpty();
        after[FIRST + 1] ^= 1;
        assertThat(VariableSuccession.breach(before, after)).isPresent();
    }

    /** After completing a write at its start, firmware restarts its log through the spare area. */
    @Test
    void firmwareMayRestartItsLog() {
        byte[] torn = WriteLog.finished(VariableStores.beingTidiedUp(VariableStores.tidiedUp(2, "platform key")));
        byte[] anew = VariableStores.tidiedUp(0, "platform key", "boot order");

        assertThat(VariableSuccession.breach(torn, anew)).isEmpty();
        for (int written = 0; written < 32; written++) {
            byte[] underWay = anew.clone();
            Arrays.fill(underWay, VariableStores.LOG + written, VariableStores.SPARE, (byte) 0xff);
            assertThat(VariableSuccession.breach(torn, underWay)).isEmpty();
        }
        assertThat(VariableSuccession.breach(torn, VariableStores.with("another key", "boot order")))
                .isPresent();
        assertThat(VariableSuccession.breach(torn, VariableStores.with())).isPresent();
        byte[] anotherLog = anew.clone();
        anotherLog[VariableStores.LOG + WriteLog.LOG_STATE - 1] ^= 1;
        assertThat(VariableSuccession.breach(torn, anotherLog)).isPresent();
    }

    /** The spare area is firmware's workspace: its content counts once the log says so. */
    @Test
    void onlyTheSpareAreaMayChangeAfterTheVariables() {
        byte[] before = VariableStores.tidiedUp(1, "kept");
        byte[] after = before.clone();
        after[VariableStores.SPARE + 7] ^= 1;
        assertThat(VariableSuccession.breach(before, after)).isEmpty();

        byte[] betweenStoreAndLog = VariableStores.withRoomBeforeTheLog(before);
        byte[] altered = betweenStoreAndLog.clone();
        altered[VariableStores.LOG - 1] ^= 1;
        assertThat(VariableSuccession.breach(betweenStoreAndLog, altered)).isPresent();
    }

    @Test
    void anotherStoreIsFound() {
        assertThat(breach(Arrays.copyOf(SEALED, 2 * SEALED.length))).isPresent();
        assertThat(breach(VariableStores.with("platform key", "boot other"))).isPresent();
    }

    /** A holder of the key may have sealed a damaged file; it is only compared. */
    @Test
    void nothingSucceedsADamagedFile() {
        byte[] damaged = SEALED.clone();
        Arrays.fill(damaged, FIRST + 36, FIRST + 44, (byte) 0x7f);

        assertThat(VariableSuccession.breach(damaged, SEALED)).isPresent();
        assertThat(VariableSuccession.breach(new byte[0], SEALED)).isPresent();
        assertThat(breach(new byte[0])).isPresent();
    }

    private static Optional<String> breach(byte[] after) {
        return VariableSuccession.breach(SEALED, after);
    }

    private static byte[] with(Consumer<byte[]> change) {
        byte[] file = SEALED.clone();
        change.accept(file);
        return file;
    }

    private static int second() {
        return VariableStores.end(VariableStores.with("platform key"));
    }
}
