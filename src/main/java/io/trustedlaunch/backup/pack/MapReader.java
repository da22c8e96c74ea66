package io.trustedlaunch.backup.pack;

import io.trustedlaunch.custody.SegmentCipher;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.CanonicalJson;
import java.io.IOException;

/** Reads where a disk's blocks are. Not thread-safe. */
final class MapReader {
    /** Some 90 bytes for each page: a disk of 16 TiB has 65,536. */
    private static final int MOST_MAP_BYTES = 16 << 20;

    private final PackReader packs;

    MapReader(PackReader packs) {
        this.packs = packs;
    }

    DiskMap map(SegmentRef at) throws IOException {
        return read(at, DiskMap.class, DiskMap.FORMAT);
    }

    Page page(SegmentRef at) throws IOException {
        return read(at, Page.class, Page.FORMAT);
    }

    /** It is the VM's own, so that it cannot be anything else unless somebody with the VM's key has made it. */
    private <T> T read(SegmentRef at, Class<T> type, int format) throws IOException {
        if (at.bytes() > MOST_MAP_BYTES || at.bytes() <= SegmentCipher.TAG_BYTES) {
            throw new DamagedPackException(BackupFault.INDEX_MALFORMED, at, "has a map of " + at.bytes() + " bytes");
        }
        byte[] sealed = new byte[at.bytes()];
        byte[] plain = new byte[at.bytes() - SegmentCipher.TAG_BYTES];
        packs.read(at, plain.length, sealed, plain);
        return switch (CanonicalJson.decode(plain, type, format, MOST_MAP_BYTES)) {
            case CanonicalJson.Reading.Read<T>(T document) -> document;
            case CanonicalJson.Reading.Refused<T>(boolean later, String message) ->
                throw new DamagedPackException(
                        later ? BackupFault.UNSUPPORTED_FORMAT : BackupFault.INDEX_MALFORMED,
                        at,
                        "has a map that cannot be used: " + message);
        };
    }
}
