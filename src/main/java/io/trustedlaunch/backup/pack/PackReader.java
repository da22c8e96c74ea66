package io.trustedlaunch.backup.pack;

import io.trustedlaunch.custody.SegmentCipher;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads segments. Nothing is returned that was not sealed there under the VM's key. Not thread-safe. */
final class PackReader implements Closeable {
    /** Descriptors. */
    private static final int MOST_OPEN = 8;

    private final PackFiles files;
    private final PackKeys keys;
    private final Map<Pack, Open> open = new LinkedHashMap<>(MOST_OPEN, 1, true);

    private record Open(StoredObject object, SegmentCipher cipher) {}

    PackReader(PackFiles files, PackKeys keys) {
        this.files = files;
        this.keys = keys;
    }

    /**
     * Opens something that was sealed in pieces.
     *
     * @param piece how many bytes were sealed together
     * @param sealed a buffer for what is stored
     * @param plain a buffer for what is opened
     * @throws DamagedPackException if it is not what was written
     */
    void read(SegmentRef at, int piece, byte[] sealed, byte[] plain) throws IOException {
        Open pack = open(at);
        int read;
        try (InputStream in = pack.object().range(at.offset(), at.bytes())) {
            read = in.readNBytes(sealed, 0, at.bytes());
        }
        if (read < at.bytes()) {
            throw new DamagedPackException(BackupFault.TRUNCATED, at, "ends before byte " + (at.offset() + at.bytes()));
        }
        int to = 0;
        for (int from = 0; from < read; from += piece + SegmentCipher.TAG_BYTES) {
            int length = Math.min(piece + SegmentCipher.TAG_BYTES, read - from);
            if (length <= SegmentCipher.TAG_BYTES
                    || !pack.cipher().opens(sealed, from, length, at.offset() + from, plain, to)) {
                throw new DamagedPackException(
                        BackupFault.ALTERED,
                        at,
                        "was altered between byte " + (at.offset() + from) + " and byte "
                                + (at.offset() + from + length - 1));
            }
            to += piece;
        }
    }

    private Open open(SegmentRef at) throws IOException {
        Open known = open.get(at.pack());
        if (known != null) {
            return known;
        }
        if (open.size() == MOST_OPEN) {
            Pack oldest = open.keySet().iterator().next();
            open.remove(oldest).object().close();
        }
        try {
            Open opened = new Open(files.open(at.pack()), keys.cipher(at.pack().backup(), at.pack().file()));
            open.put(at.pack(), opened);
            return opened;
        } catch (BackupStoreException e) {
            if (e.fault() == StoreFault.MISSING) {
                throw new DamagedPackException(BackupFault.FILE_MISSING, at, "is missing");
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        for (Open pack : open.values()) {
            pack.object().close();
        }
        open.clear();
    }
}
