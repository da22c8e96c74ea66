package io.trustedlaunch.backup.pack;

import io.trustedlaunch.custody.SegmentCipher;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.BackupStore.NewFile;
import io.trustedlaunch.custody.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Appends segments to one pack after another. Not thread-safe. */
final class PackWriter implements Closeable {
    private final PackFiles files;
    private final PackKeys keys;
    private final Supplier<Pack> names;
    private final long packBytes;
    private final Consumer<PackFile> finished;
    private Optional<Open> open = Optional.empty();
    private byte[] sealed = new byte[0];

    private static final class Open {
        private final Pack pack;
        private final NewFile file;
        private final SegmentCipher cipher;
        private final Sha256 digest = new Sha256();
        private long bytes;

        Open(Pack pack, NewFile file, SegmentCipher cipher) {
            this.pack = pack;
            this.file = file;
            this.cipher = cipher;
        }
    }

    /**
     * @param names of packs, each once
     * @param packBytes after which a pack ends
     * @param finished gets each pack once it is durable
     */
    PackWriter(
            PackFiles files, PackKeys keys, Supplier<Pack> names, long packBytes, Consumer<PackFile> finished) {
        this.files = files;
        this.keys = keys;
        this.names = names;
        this.packBytes = packBytes;
        this.finished = finished;
    }

    /** Appends what is sealed, and opens, as one piece. */
    SegmentRef append(byte[] plain, int from, int length) throws IOException {
        Open pack = open.isPresent() ? open.get() : begin();
        if (sealed.length < length + SegmentCipher.TAG_BYTES) {
            sealed = new byte[length + SegmentCipher.TAG_BYTES];
        }
        int bytes = pack.cipher.seal(plain, from, length, pack.bytes, sealed);
        SegmentRef at = new SegmentRef(pack.pack.backup(), pack.pack.file(), pack.bytes, bytes);
        pack.digest.update(ByteBuffer.wrap(sealed, 0, bytes));
        pack.file.write(ByteBuffer.wrap(sealed, 0, bytes));
        pack.bytes += bytes;
        return at;
    }

    /** Called between segments, none of which is in two packs. */
    void endIfFull() throws IOException {
        if (open.isPresent() && open.get().bytes >= packBytes) {
            finish();
        }
    }

    private Open begin() throws IOException {
        Pack pack = names.get();
        Open begun = new Open(pack, files.create(pack), keys.cipher(pack.backup(), pack.file()));
        open = Optional.of(begun);
        return begun;
    }

    /** Ends the pack that is open. */
    void finish() throws IOException {
        if (open.isPresent()) {
            Open pack = open.get();
            pack.file.finish();
            close();
            finished.accept(new PackFile(pack.pack, pack.bytes, pack.digest.hex()));
        }
    }

    /** What is not finished is of no use. */
    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            Open pack = open.get();
            open = Optional.empty();
            pack.file.close();
        }
    }
}
