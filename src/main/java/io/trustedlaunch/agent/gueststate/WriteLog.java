package io.trustedlaunch.agent.gueststate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;

/**
 * The log by which firmware tidies its variables up without losing them to a power cut (EDK II's fault tolerant write): it
 * writes all of them into a spare area, then to their place, and notes how far it is. Half of the file is that spare area,
 * and the log is in the block before it. A bit that is cleared says yes.
 */
public final class WriteLog {
    static final int BLOCK_BYTES = 4096;
    /** Where a log's header says whether the log is in use; what is before it stays as it is for a store's whole life. */
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

    /** Where the log is; negative where there is none. */
    static int find(byte[] file) {
        int log = new WriteLog(file).log;
        boolean there = log >= 0 && Arrays.equals(file, log, log + SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
        return there ? log : -1;
    }

    /**
     * The file as firmware makes it of this one when it starts, and where it could not: OVMF does not get that far where the
     * header of the variables is not written yet. It is this one itself where no write was broken off.
     */
    public static byte[] finished(byte[] file) {
        return find(file) < 0 ? file : new WriteLog(file).finished();
    }

    /**
     * Firmware has ended at its start what a power cut broke off, and has erased the log's block since, to write its header
     * there again. No variable moves by it.
     *
     * @param log where the log is
     */
    static boolean isBegunAnew(byte[] before, byte[] after, int log) {
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

    /** The record of a write that was begun and is not complete. Variables are one record: what has more is not theirs. */
    private OptionalInt unfinished() {
        int at = log + LOG_HEADER;
        while (at + WRITE_HEADER + RECORD <= spare && says(at, WRITE_BEGUN) && says(at, WRITE_HAS_RECORDS)) {
            long records = numbers.getLong(at + 24);
            long ofTheCaller = numbers.getLong(at + 32);
            if (records != 1 || ofTheCaller < 0 || ofTheCaller > BLOCK_BYTES) {
                return OptionalInt.empty();
            }
            if (!says(at, WRITE_COMPLETE)) {
                return OptionalInt.of(at + WRITE_HEADER);
            }
            at = Math.toIntExact(at + WRITE_HEADER + RECORD + ofTheCaller);
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
        if (!here || !says(record, SPARE_COMPLETE) || says(record, DESTINATION_COMPLETE)) {
            return file;
        }
        // Whole blocks, with what is around the variables.
        int bytes = Math.toIntExact((offset + length + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
        byte[] finished = file.clone();
        System.arraycopy(file, spare, finished, 0, Math.min(bytes, log));
        return finished;
    }

    private boolean says(int at, int bit) {
        return (file[at] & bit) == 0;
    }
}
