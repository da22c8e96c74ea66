package io.trustedlaunch.gueststate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads the members of a ZIP in order, each with an expected name and limit, and accepts only what {@link ZipMember}
 * and {@link ZipDirectory} write. Only the compressed data may differ, as other versions of zlib compress differently.
 */
final class ZipReading {
    private static final int CRC_AT = 14;
    private static final int DEFLATED_SIZE_AT = 18;
    private static final int SIZE_AT = 22;

    private final byte[] zip;
    private final ByteBuffer numbers;
    private final List<ZipMember> members = new ArrayList<>();
    private int at;

    ZipReading(byte[] zip) {
        this.zip = zip;
        this.numbers = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @param limit in bytes; nothing larger is allocated */
    byte[] next(String name, int limit) throws ContentDamagedException {
        int headerBytes = ZipMember.LOCAL_HEADER_BYTES + name.length();
        if (zip.length - at < headerBytes) {
            throw damaged(name, "is missing");
        }
        int size = numbers.getInt(at + SIZE_AT);
        int deflatedSize = numbers.getInt(at + DEFLATED_SIZE_AT);
        if (size < 0 || size > limit) {
            throw damaged(name, "is larger than the limit of " + limit + " bytes");
        }
        if (deflatedSize < 0 || deflatedSize > zip.length - at - headerBytes) {
            throw damaged(name, "is cut short");
        }
        int dataAt = at + headerBytes;
        ZipMember member = new ZipMember(
                name, numbers.getInt(at + CRC_AT), size, Arrays.copyOfRange(zip, dataAt, dataAt + deflatedSize));
        if (!Arrays.equals(zip, at, dataAt, member.localHeader(), 0, headerBytes)) {
            throw damaged(name, "is not the next file");
        }
        byte[] file = inflated(member);
        members.add(member);
        at += member.localBytes();
        return file;
    }

    void end() throws ContentDamagedException {
        byte[] directory = ZipDirectory.of(members);
        if (!Arrays.equals(zip, at, zip.length, directory, 0, directory.length)) {
            throw new ContentDamagedException("the directory of the ZIP in it does not match its files");
        }
    }

    private static byte[] inflated(ZipMember member) throws ContentDamagedException {
        Inflater inflater = new Inflater(true);
        try {
            byte[] file = new byte[member.size()];
            inflater.setInput(member.deflated());
            int length = inflate(inflater, file);
            boolean whole = length == file.length && inflater.finished() && inflater.getRemaining() == 0;
            if (!whole || ZipMember.crcOf(file) != member.crc()) {
                throw damaged(member.name(), "does not match its header when unpacked");
            }
            return file;
        } catch (DataFormatException e) {
            throw damaged(member.name(), "cannot be unpacked");
        } finally {
            inflater.end();
        }
    }

    /** Asks for one byte more than the file has, so that the end of the data is reached. */
    private static int inflate(Inflater inflater, byte[] file) throws DataFormatException {
        int length = inflater.inflate(file);
        return inflater.finished() ? length : length + inflater.inflate(new byte[1]);
    }

    private static ContentDamagedException damaged(String name, String how) {
        return new ContentDamagedException(name + " in it " + how);
    }
}
