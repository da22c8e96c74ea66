package io.trustedlaunch.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;

/** A store whose files are written and read no faster than a limit. */
public record ThrottledStore(BackupStore store, Bandwidth bandwidth) implements BackupStore {
    @Override
    public OptionalLong room() throws BackupStoreException {
        return store.room();
    }

    @Override
    public void begin(BackupId id) throws BackupStoreException {
        store.begin(id);
    }

    @Override
    public void write(BackupId id, String name, InputStream content, long bytes) throws BackupStoreException {
        store.write(id, name, new Throttled(content, bandwidth), bytes);
    }

    @Override
    public NewFile create(BackupId id, String name) throws BackupStoreException {
        return new ThrottledFile(store.create(id, name), bandwidth);
    }

    @Override
    public void commit(BackupId id, byte[] index) throws BackupStoreException {
        store.commit(id, index);
    }

    @Override
    public void replaceClusterEscrow(BackupId id, byte[] escrow) throws BackupStoreException {
        store.replaceClusterEscrow(id, escrow);
    }

    @Override
    public StoredObject open(BackupId id, String name) throws BackupStoreException {
        return new ThrottledObject(store.open(id, name), bandwidth);
    }

    @Override
    public List<UUID> vms() throws BackupStoreException {
        return store.vms();
    }

    @Override
    public List<Listed> backups(UUID vm) throws BackupStoreException {
        return store.backups(vm);
    }

    @Override
    public void removeIndex(BackupId id) throws BackupStoreException {
        store.removeIndex(id);
    }

    @Override
    public void removeFiles(BackupId id, Predicate<String> kept) throws BackupStoreException {
        store.removeFiles(id, kept);
    }

    private record ThrottledFile(NewFile file, Bandwidth bandwidth) implements NewFile {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                ByteBuffer piece = bytes.slice(bytes.position(), Math.min(bytes.remaining(), bandwidth.piece()));
                bandwidth.pass(piece.remaining());
                bytes.position(bytes.position() + piece.remaining());
                file.write(piece);
            }
        }

        @Override
        public void finish() throws BackupStoreException {
            file.finish();
        }

        @Override
        public void close() throws BackupStoreException {
            file.close();
        }
    }

    private record ThrottledObject(StoredObject object, Bandwidth bandwidth) implements StoredObject {
        @Override
        public long bytes() {
            return object.bytes();
        }

        @Override
        public InputStream range(long offset, long length) throws BackupStoreException {
            return new Throttled(object.range(offset, length), bandwidth);
        }

        @Override
        public void close() throws BackupStoreException {
            object.close();
        }
    }

    private static final class Throttled extends FilterInputStream {
        private final Bandwidth bandwidth;

        Throttled(InputStream content, Bandwidth bandwidth) {
            super(content);
            this.bandwidth = bandwidth;
        }

        @Override
        public int read() throws IOException {
            return SingleByte.read(this);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, Math.min(length, bandwidth.piece()));
            bandwidth.pass(Math.max(0, read));
            return read;
        }
    }
}
