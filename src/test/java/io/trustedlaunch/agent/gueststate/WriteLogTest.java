package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.VariableStores;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteLogTest {
    private static final int SPARE = VariableStores.SPARE;
    private static final int LOG = VariableStores.LOG;

    /** The third write: its header, followed by its record. */
    private static final int WRITE = LOG + 32 + 2 * 80;

    private static final int RECORD = WRITE + 40;

    /** Including the header of the volume, without which OVMF does not start. */
    @Test
    void anInterruptedWriteIsCompletedFromTheSpareArea() {
        byte[] tidied = VariableStores.tidiedUp(2, "platform key", "boot order");
        for (int upTo = 0; upTo <= LOG; upTo += 13) {
            byte[] torn = VariableStores.beingTidiedUp(tidied);
            System.arraycopy(tidied, 0, torn, 0, upTo);

            byte[] finished = WriteLog.finished(torn);

            assertThat(Arrays.copyOf(finished, LOG)).as("torn at %d", upTo).isEqualTo(Arrays.copyOf(tidied, LOG));
            assertThat(Arrays.copyOfRange(finished, LOG, finished.length))
                    .isEqualTo(Arrays.copyOfRange(torn, LOG, torn.length));
            assertThat(UefiVariables.fault(finished)).isEmpty();
        }
    }

    @Test
    void aCompletedFileContinuesTheFormerVariables() {
        byte[] before = VariableStores.tidiedUp(2, "deleted", "boot order");
        byte[] finished = WriteLog.finished(beingTidiedUp());

        assertThat(VariableSuccession.breach(before, finished)).isEmpty();
        assertThat(VariableStores.isTidiedUp(finished)).isFalse();
        byte[] complete = finished.clone();
        VariableStores.log(complete, 2, 0xf8, 0xf9);
        assertThat(VariableStores.isTidiedUp(complete)).isTrue();
        assertThat(VariableSuccession.breach(finished, complete)).isEmpty();
    }

    /** The spare area is not complete yet, or no longer needed. */
    @ParameterizedTest
    @CsvSource({"255, 255", "254, 255", "252, 255", "252, 249", "248, 249", "248, 253"})
    void otherRecordsAreNotCompleted(int write, int record) {
        byte[] file = beingTidiedUp();
        file[WRITE] = (byte) write;
        file[RECORD] = (byte) record;

        assertThat(WriteLog.finished(file)).isEqualTo(file);
    }

    /** The log is written by the guest's firmware and not trusted. */
    @Test
    void anInvalidLogIsIgnored() {
        for (int field : new int[] {WRITE + 24, WRITE + 32, RECORD + 8, RECORD + 16, RECORD + 24, RECORD + 32}) {
            for (long value : new long[] {-1, 7, 4096, 1L << 31, Long.MIN_VALUE, Long.MAX_VALUE, -SPARE - 4096L}) {
                byte[] file = beingTidiedUp();
                byte[] erased = Arrays.copyOf(file, LOG);
                ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(field, value);

                byte[] finished = WriteLog.finished(file);

                boolean harmless = (field == RECORD + 16 || field == RECORD + 24) && value >= 0 && value <= LOG;
                if (!harmless && field != WRITE + 32) {
                    assertThat(Arrays.copyOf(finished, LOG))
                            .as("%d at %d", value, field - WRITE)
                            .isEqualTo(erased);
                }
                assertThat(Arrays.copyOfRange(finished, LOG, finished.length))
                        .isEqualTo(Arrays.copyOfRange(file, LOG, file.length));
            }
        }
    }

    private static byte[] beingTidiedUp() {
        return VariableStores.beingTidiedUp(VariableStores.tidiedUp(2, "boot order"));
    }

    @Test
    void aFileWithoutALogIsUnchanged() {
        for (byte[] file : new byte[][] {VariableStores.with("platform key"), new byte[0], new byte[5000]}) {
            assertThat(WriteLog.finished(file)).isSameAs(file);
        }
    }
}
