package io.trustedlaunch.backup.pack;

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
    private static final int PIECE = 64 << 10;

    private final PackFiles files;
    private final PackKeys keys;
    private final Supplier<Pack> names;
    private final long packBytes;
    private final Consumer<PackFile> finished;
    private Optional<Open> open = Optional.empty();

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

    /**
     * @param piece how many bytes are sealed together, and so can be opened without the others
     * @param sealed a buffer, {@value SegmentCipher#TAG_BYTES} bytes longer for each piece
     */
    SegmentRef append(byte[] plain, int length, int piece, byte[] sealed) throws IOException {
        Open pack = open.isPresent() ? open.get() : begin();
        int bytes = 0;
        for (int at = 0; at < length; at += piece) {
            bytes += pack.cipher.seal(plain, at, Math.min(piece, length - at), pack.bytes + bytes, sealed, bytes);
        }
        SegmentRef at = new SegmentRef(pack.pack.backup(), pack.pack.file(), pack.bytes, bytes);
        for (int done = 0; done < bytes; done += PIECE) {
            pack.digest.update(ByteBuffer.wrap(sealed, done, Math.min(PIECE, bytes - done)));
        }
        pack.file.write(ByteBuffer.wrap(sealed, 0, bytes));
        pack.bytes += bytes;
        if (pack.bytes >= packBytes) {
            finish();
        }
        return at;
    }

    private Open begin() throws IOException {
        Pack pack = names.get();
        Open begun = new Open(pack, files.create(pack), keys.cipher(pack));
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
