package io.trustedlaunch.gueststate;

import java.nio.ByteBuffer;
import java.util.List;

/** The directory at the end of a ZIP, which its members determine (PKWARE's APPNOTE, 4.3.12 and 4.3.16). */
final class ZipDirectory {
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_BYTES = 22;

    private ZipDirectory() {}

    static byte[] of(List<ZipMember> members) {
        int membersBytes = members.stream().mapToInt(ZipMember::localBytes).sum();
        int recordsBytes = members.stream().mapToInt(ZipMember::directoryBytes).sum();
        ByteBuffer directory = ZipMember.littleEndian(recordsBytes + END_BYTES);
        int at = 0;
        for (ZipMember member : members) {
            directory.put(member.directoryRecord(at));
            at += member.localBytes();
        }
        short onlyDisk = 0;
        short noComment = 0;
        return directory
                .putInt(END_SIGNATURE)
                .putShort(onlyDisk)
                .putShort(onlyDisk)
                .putShort((short) members.size())
                .putShort((short) members.size())
                .putInt(recordsBytes)
                .putInt(membersBytes)
                .putShort(noComment)
                .array();
    }
}
