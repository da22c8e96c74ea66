package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import java.io.ByteArrayInputStream;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The marker of a store in a bucket, below the location's prefix. */
public final class S3Marker {
    private final S3Exchange exchange;

    /** @throws BackupStoreException if the CA bundle is none */
    public S3Marker(S3Access access) throws BackupStoreException {
        this(new S3Exchange(access, Retries.NONE, S3Store.PATIENCE));
    }

    S3Marker(S3Exchange exchange) {
        this.exchange = exchange;
    }

    /** Its ID; empty if there is none. */
    public Optional<UUID> find() throws BackupStoreException {
        Optional<byte[]> content = exchange.retries().run(again -> content());
        return content.isPresent() ? Optional.of(StoreMarker.decode(content.get(), name())) : Optional.empty();
    }

    /** Of a larger object only so much is asked for and read. */
    private Optional<byte[]> content() throws BackupStoreException {
        S3Answer answer = S3Exchange.whole(
                what(), exchange.get(what(), S3Request.marker(), Map.of("Range", "bytes=0-" + StoreMarker.MAX_BYTES)));
        if (answer.isSuccess()) {
            return Optional.of(answer.body());
        }
        if (answer.status() == S3StoredObject.NOT_SATISFIABLE) {
            return Optional.of(new byte[0]);
        }
        BackupStoreException failure = S3Failure.of("read", what(), answer);
        if (failure.fault() == StoreFault.MISSING) {
            return Optional.empty();
        }
        throw failure;
    }

    /** Makes it where there is none, on a person's order only. To repeat it is no error; {@link StoreFault#UNMARKED} if there is another. */
    public void make(UUID id) throws BackupStoreException {
        byte[] marker = StoreMarker.encode(id);
        if (find().isEmpty()) {
            create(marker);
        }
        require(id);
    }

    private void create(byte[] marker) throws BackupStoreException {
        try {
            exchange.send("write", what(), S3Request.createMarker(), new ByteArrayInputStream(marker), marker.length);
        } catch (BackupStoreException e) {
            // Another one was made a moment ago, and counts.
            if (e.fault() != StoreFault.EXISTS) {
                throw e;
            }
        }
    }

    /** Returns if the bucket has it. */
    void require(UUID id) throws BackupStoreException {
        StoreMarker.require(id, find(), name());
    }

    private String what() {
        return name() + "/" + StoreMarker.NAME;
    }

    private String name() {
        return exchange.access().name();
    }
}
