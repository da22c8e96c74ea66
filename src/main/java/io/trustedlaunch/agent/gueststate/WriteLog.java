package io.trustedlaunch.agent.gueststate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;

/**
 * The log with which firmware reclaims space without losing variables to a power cut (EDK II's fault tolerant write): it
 * writes all variables to a spare area, then to their place, and logs its progress. Half of the file is the spare area,
 * the log is in the block before it. A cleared bit means yes.
 */
public final class WriteLog {
    static final int BLOCK_BYTES = 4096;
    /** Offset of the log's state; the header before it never changes. */
    static final int LOG_STATE = 20;

    private static final byte[] SIGNATURE = HexFormat.of().parseHex("2b29589e687c7d49a0ce6500fd9f1b95");
    private static final byte ERASED = (byte) 0xff;
    private static final int LOG_HEADER = 32;
    private static final int WRITE_HEADER = 40;
    private static final int RECORD = 40;

    private static final int WRITE_BEGUN = 1;
    private static final int WRITE_HAS_RECORDS = 2;
    private static final int WRITE_COMPLETE = 4;

    private static final int SPARE_COMPLETE = 2;
    private static final int DESTINATION_COMPLETE = 4;

    private final byte[] file;
    private final ByteBuffer numbers;
    private final int spare;
    private final int log;

    private WriteLog(byte[] file) {
        this.file = file;
        this.numbers = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        this.spare = file.length / 2;
        this.log = spare - BLOCK_BYTES;
    }

    /** The offset of the log; negative if there is none. */
    static int find(byte[] file) {
        int log = new WriteLog(file).log;
        boolean there = log >= 0 && Arrays.equals(file, log, log + SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
        return there ? log : -1;
    }

    /**
     * Completes an interrupted write as firmware does at its start, and also where it cannot: OVMF does not start without the
     * header of the variables. Returns the same file if no write was interrupted.
     */
    public static byte[] finished(byte[] file) {
        return find(file) < 0 ? file : new WriteLog(file).finished();
    }

    /**
     * Whether firmware completed an interrupted write at its start and then erased the log's block to rewrite its header. This
     * moves no variable.
     *
     * @param log offset of the log
     */
    static boolean isRestarted(byte[] before, byte[] after, int log) {
        for (int at = log; at < log + BLOCK_BYTES; at++) {
            boolean header = at < log + LOG_STATE && after[at] == before[at];
            boolean state = at >= log + LOG_STATE && at < log + LOG_HEADER;
            if (!header && !state && after[at] != ERASED) {
                return false;
            }
        }
        return true;
    }

    private byte[] finished() {
        OptionalInt record = unfinished();
        return record.isPresent() ? written(record.getAsInt()) : file;
    }

    /** The record of an incomplete write. Variables are one record; a write with more is not one of variables. */
    private OptionalInt unfinished() {
        int at = log + LOG_HEADER;
        while (at + WRITE_HEADER + RECORD <= spare && isSet(at, WRITE_BEGUN) && isSet(at, WRITE_HAS_RECORDS)) {
            long records = numbers.getLong(at + 24);
            long callerBytes = numbers.getLong(at + 32);
            if (records != 1 || callerBytes < 0 || callerBytes > BLOCK_BYTES) {
                return OptionalInt.empty();
            }
            if (!isSet(at, WRITE_COMPLETE)) {
                return OptionalInt.of(at + WRITE_HEADER);
            }
            at = Math.toIntExact(at + WRITE_HEADER + RECORD + callerBytes);
        }
        return OptionalInt.empty();
    }

    private byte[] written(int record) {
        long block = numbers.getLong(record + 8);
        long offset = numbers.getLong(record + 16);
        long length = numbers.getLong(record + 24);
        long relative = numbers.getLong(record + 32);
        boolean here = block == 0
                && relative == -spare
                && offset >= 0
                && length >= 0
                && length <= log
                && offset <= log - length;
        if (!here || !isSet(record, SPARE_COMPLETE) || isSet(record, DESTINATION_COMPLETE)) {
            return file;
        }
        // Whole blocks, including the bytes around the variables.
        int bytes = Math.toIntExact((offset + length + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
        byte[] finished = file.clone();
        System.arraycopy(file, spare, finished, 0, Math.min(bytes, log));
        return finished;
    }

    private boolean isSet(int at, int bit) {
        return (file[at] & bit) == 0;
    }
}
