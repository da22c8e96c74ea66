package io.trustedlaunch.gueststate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * One deflated file of a ZIP and its two records, with all other fields fixed: no time, no comment, no extra field,
 * sizes before the data. {@code unzip} gives the file the mode 0600.
 *
 * <p>Not the streams of java.util.zip: they write sizes after the data and do not read the directory, so that
 * {@code unzip} could show other content than is read here. Layout: PKWARE's APPNOTE, 4.3.7 and 4.3.12.
 *
 * @param size of the file, in bytes
 * @param deflated the file in DEFLATE (RFC 1951)
 */
record ZipMember(String name, int crc, int size, byte[] deflated) {
    static final int LOCAL_HEADER_BYTES = 30;

    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int DIRECTORY_SIGNATURE = 0x02014b50;
    private static final int DIRECTORY_HEADER_BYTES = 46;
    private static final short NEEDS_VERSION_2_0 = 20;
    private static final short MADE_BY_UNIX = 3 << 8 | NEEDS_VERSION_2_0;
    private static final short DEFLATE = 8;
    /** 1 January 1980, the earliest date: the time of sealing is not part of a state. */
    private static final short DATE = 1 << 5 | 1;

    private static final int REGULAR_FILE_0600 = 0100600 << 16;

    static ZipMember of(String name, byte[] file) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            deflater.setInput(file);
            deflater.finish();
            var deflated = new ByteArrayOutputStream();
            byte[] chunk = new byte[8192];
            while (!deflater.finished()) {
                deflated.write(chunk, 0, deflater.deflate(chunk));
            }
            return new ZipMember(name, crcOf(file), file.length, deflated.toByteArray());
        } finally {
            deflater.end();
        }
    }

    static int crcOf(byte[] file) {
        CRC32 crc = new CRC32();
        crc.update(file);
        return (int) crc.getValue();
    }

    int localBytes() {
        return LOCAL_HEADER_BYTES + name.length() + deflated.length;
    }

    int directoryBytes() {
        return DIRECTORY_HEADER_BYTES + name.length();
    }

    /** The header without the data. */
    byte[] localHeader() {
        ByteBuffer header = littleEndian(LOCAL_HEADER_BYTES + name.length()).putInt(LOCAL_SIGNATURE);
        putCommon(header);
        return header.put(nameBytes()).array();
    }

    /** @param localAt the offset of the local header */
    byte[] directoryRecord(int localAt) {
        ByteBuffer entry =
                littleEndian(directoryBytes()).putInt(DIRECTORY_SIGNATURE).putShort(MADE_BY_UNIX);
        putCommon(entry);
        short noComment = 0;
        short firstDisk = 0;
        short binary = 0;
        return entry.putShort(noComment)
                .putShort(firstDisk)
                .putShort(binary)
                .putInt(REGULAR_FILE_0600)
                .putInt(localAt)
                .put(nameBytes())
                .array();
    }

    private void putCommon(ByteBuffer header) {
        short noFlags = 0;
        short midnight = 0;
        short noExtraField = 0;
        header.putShort(NEEDS_VERSION_2_0)
                .putShort(noFlags)
                .putShort(DEFLATE)
                .putShort(midnight)
                .putShort(DATE)
                .putInt(crc)
                .putInt(deflated.length)
                .putInt(size)
                .putShort((short) name.length())
                .putShort(noExtraField);
    }

    private byte[] nameBytes() {
        return name.getBytes(US_ASCII);
    }

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
