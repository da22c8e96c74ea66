package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A store in a bucket that has its marker: {@code <prefix>/<VM UID>/<backup UID>/<file>}. The server writes an object whole or not at all, and, asked
 * so, only where there is none.
 *
 * <p>As in a folder, an empty index belongs to a run that is being removed: it takes the place that a commit needs.
 */
public final class S3Store implements BackupStore {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** Limit of a listing: a server may say for ever that there are more. */
    private static final int MAX_PAGES = 100;

    /** A page of S3 has at most a thousand; a hostile server's has as many as fit. */
    private static final int MAX_FOUND = 1000 * MAX_PAGES;

    /** Limit of an upload that a store of its own begins: the contract's files are small. */
    private static final int MAX_PARTS = 1000;

    private final S3Exchange exchange;
    private final S3Marker marker;
    private final UUID storeID;
    private final Path spool = Path.of(System.getProperty("java.io.tmpdir"));

    /**
     * @param storeID that its marker has; with another one, or without, each call is a {@link StoreFault#UNMARKED}
     * @throws BackupStoreException if the CA bundle is none
     */
    public S3Store(S3Access access, UUID storeID) throws BackupStoreException {
        this(access, storeID, Retries.NONE);
    }

    /** @throws BackupStoreException if the CA bundle is none */
    public S3Store(S3Access access, UUID storeID, Retries retries) throws BackupStoreException {
        this(access, storeID, retries, PATIENCE);
    }

    /**
     * @param patience with a server that does not answer, or sends or takes bytes too slowly, at each attempt
     * @throws BackupStoreException if the CA bundle is none
     */
    public S3Store(S3Access access, UUID storeID, Retries retries, Duration patience) throws BackupStoreException {
        this.exchange = new S3Exchange(access, retries, patience);
        this.marker = new S3Marker(exchange);
        this.storeID = storeID;
    }

    /** Returns if the bucket answers, has the marker, and may be listed. */
    public void probe() throws BackupStoreException {
        requireMarked();
        exchange.send("list", name(), S3Request.probe());
    }

    /**
     * Begins the upload of a disk for another process.
     *
     * @param bytes the most that it can have
     * @param maxParts the most parts that there may be
     */
    public BegunUpload begin(BackupId id, String file, long bytes, int maxParts) throws BackupStoreException {
        requireMarked();
        String what = exchange.describe(id, file);
        S3Answer answer = exchange.send("begin", what, S3Request.begin(id, file));
        String upload = S3Xml.first(answer.body(), "InitiateMultipartUploadResult", "UploadId")
                .orElse("");
        try {
            return BegunUpload.of(upload, bytes, maxParts);
        } catch (IllegalArgumentException e) {
            throw new BackupStoreException(
                    StoreFault.FAILED, "cannot begin " + what + ": the server answers " + e.getMessage(), e);
        }
    }

    @Override
    public void write(BackupId id, String file, InputStream content, long bytes) throws BackupStoreException {
        requireMarked();
        requireKnown(file);
        if (file.equals(BackupFileName.INDEX)) {
            throw new IllegalArgumentException(file + " is written as a whole");
        }
        if (!BackupFileName.isDisk(file)) {
            put(id, file, content, bytes);
            return;
        }
        Optional<BegunUpload> begun = exchange.access().upload(id, file);
        BegunUpload upload = begun.isPresent() ? begun.get() : begin(id, file, bytes, MAX_PARTS);
        new S3Upload(exchange, id, file, upload).send(content, bytes);
    }

    private void put(BackupId id, String file, InputStream content, long bytes) throws BackupStoreException {
        exchange.create(
                "write",
                exchange.describe(id, file),
                S3Request.create(id, file),
                content,
                bytes,
                () -> S3StoredObject.hasLength(exchange, id, file, bytes));
        S3Upload.requireEnd(exchange.describe(id, file), content, bytes);
    }

    @Override
    public NewFile create(BackupId id, String file) throws BackupStoreException {
        requireMarked();
        requireKnown(file);
        return SpooledFile.in(spool, (content, bytes) -> put(id, file, content, bytes));
    }

    @Override
    public void commit(BackupId id, byte[] index) throws BackupStoreException {
        requireMarked();
        if (index.length == 0) {
            throw new IllegalArgumentException("an index has content");
        }
        String what = exchange.describe(id, BackupFileName.INDEX);
        if (files(id, S3Request.list(id)).isEmpty()) {
            throw new BackupStoreException(StoreFault.MISSING, "cannot write " + what + ": the backup has no files");
        }
        try {
            create(id, index);
        } catch (BackupStoreException e) {
            if (e.fault() != StoreFault.EXISTS
                    || !read(id, BackupFileName.INDEX, index.length + 1)
                            .filter(there -> Arrays.equals(there, index))
                            .isPresent()) {
                throw e;
            }
        }
    }

    private void create(BackupId id, byte[] index) throws BackupStoreException {
        exchange.send(
                "write",
                exchange.describe(id, BackupFileName.INDEX),
                S3Request.create(id, BackupFileName.INDEX),
                new ByteArrayInputStream(index),
                index.length);
    }

    @Override
    public void replaceClusterEscrow(BackupId id, byte[] escrow) throws BackupStoreException {
        requireMarked();
        exchange.send(
                "write",
                exchange.describe(id, BackupFileName.CLUSTER_ESCROW),
                S3Request.replaceClusterEscrow(id),
                new ByteArrayInputStream(escrow),
                escrow.length);
    }

    @Override
    public StoredObject open(BackupId id, String file) throws BackupStoreException {
        requireMarked();
        requireKnown(file);
        String what = exchange.describe(id, file);
        S3StoredObject object = S3StoredObject.open(exchange, S3Request.get(id, file), what);
        if (file.equals(BackupFileName.INDEX) && object.bytes() == 0) {
            throw new BackupStoreException(StoreFault.MISSING, "cannot open " + what + ": it is missing");
        }
        return object;
    }

    @Override
    public List<UUID> vms() throws BackupStoreException {
        requireMarked();
        Optional<List<BackupId>> readable = exchange.access().readable();
        if (readable.isPresent()) {
            return readable.get().stream().map(BackupId::vm).distinct().toList();
        }
        return uids(S3Request.listVms());
    }

    @Override
    public List<Listed> backups(UUID vm) throws BackupStoreException {
        requireMarked();
        List<Listed> backups = new ArrayList<>();
        for (UUID backup : listed(vm)) {
            backups.add(new Listed(backup, isCommitted(new BackupId(vm, backup))));
        }
        return backups;
    }

    private List<UUID> listed(UUID vm) throws BackupStoreException {
        Optional<List<BackupId>> readable = exchange.access().readable();
        return readable.isEmpty()
                ? uids(S3Request.listBackups(vm))
                : readable.get().stream()
                        .filter(id -> id.vm().equals(vm))
                        .map(BackupId::backup)
                        .toList();
    }

    private boolean isCommitted(BackupId id) throws BackupStoreException {
        return read(id, BackupFileName.INDEX, 1).isPresent();
    }

    @Override
    public void removeIndex(BackupId id) throws BackupStoreException {
        requireMarked();
        delete(id, BackupFileName.INDEX);
    }

    /** A missing object is no error, to S3 either. */
    private void delete(BackupId id, String file) throws BackupStoreException {
        try {
            exchange.send(S3Failure.REMOVE, exchange.describe(id, file), S3Request.delete(id, file));
        } catch (BackupStoreException e) {
            if (e.fault() != StoreFault.MISSING) {
                throw e;
            }
        }
    }

    @Override
    public void removeFiles(BackupId id) throws BackupStoreException {
        requireMarked();
        List<String> files = files(id, S3Request.list(id));
        if (!files.isEmpty()) {
            barCommit(id);
        }
        abortUploads(id);
        for (String file : files) {
            delete(id, file);
        }
        delete(id, BackupFileName.INDEX);
    }

    private void barCommit(BackupId id) throws BackupStoreException {
        try {
            create(id, new byte[0]);
        } catch (BackupStoreException e) {
            // An earlier removal was broken off, or it is committed.
            if (e.fault() != StoreFault.EXISTS) {
                throw e;
            }
        }
        if (isCommitted(id)) {
            throw new BackupStoreException(
                    StoreFault.COMMITTED, exchange.describe(id, "") + " is complete; remove its index first");
        }
    }

    /** S3 keeps the parts of a broken-off upload, unseen, until it is aborted. */
    private void abortUploads(BackupId id) throws BackupStoreException {
        S3Answer answer = exchange.send("list", exchange.describe(id, ""), S3Request.listUploads(id));
        List<String> keys = S3Xml.texts(answer.body(), "ListMultipartUploadsResult", "Upload", "Key");
        List<String> uploads = S3Xml.texts(answer.body(), "ListMultipartUploadsResult", "Upload", "UploadId");
        for (int i = 0; i < Math.min(keys.size(), uploads.size()); i++) {
            Optional<String> file = file(id, keys.get(i));
            if (file.isPresent() && !uploads.get(i).isEmpty()) {
                BegunUpload upload = new BegunUpload(uploads.get(i), 1, 1);
                exchange.send("abort", exchange.describe(id, file.get()), S3Request.abort(id, file.get(), upload));
            }
        }
    }

    /** The files of a backup but for its index. */
    private List<String> files(BackupId id, S3Request listing) throws BackupStoreException {
        return all(
                listing,
                answer -> S3Xml.texts(answer.body(), "ListBucketResult", "Contents", "Key").stream()
                        .flatMap(key -> file(id, key).stream())
                        .filter(file -> !file.equals(BackupFileName.INDEX)));
    }

    /** The name of a file of this backup; a server may list anything. */
    private static Optional<String> file(BackupId id, String key) {
        String name = key.substring(key.lastIndexOf('/') + 1);
        return Optional.of(name)
                .filter(BackupFileName::isKnown)
                .filter(known -> ("/" + key).endsWith("/" + S3Request.key(id, known)));
    }

    private List<UUID> uids(S3Request listing) throws BackupStoreException {
        return all(
                listing,
                answer -> S3Xml.texts(answer.body(), "ListBucketResult", "CommonPrefixes", "Prefix").stream()
                        .map(prefix -> prefix.substring(0, Math.max(0, prefix.length() - 1)))
                        .map(folder -> folder.substring(folder.lastIndexOf('/') + 1))
                        .filter(name -> UID.matcher(name).matches())
                        .map(UUID::fromString));
    }

    /** Collects the wanted entries of each page, once, and keeps nothing else that a server lists. */
    private <T> List<T> all(S3Request listing, Function<S3Answer, Stream<T>> wanted) throws BackupStoreException {
        Set<T> found = new LinkedHashSet<>();
        S3Request page = listing;
        for (int pages = 0; pages < MAX_PAGES && found.size() <= MAX_FOUND; pages++) {
            S3Answer answer = exchange.send("list", name(), page);
            wanted.apply(answer).forEach(found::add);
            Optional<String> next = S3Xml.first(answer.body(), "ListBucketResult", "NextContinuationToken")
                    .filter(token -> !token.isEmpty());
            if (next.isEmpty()) {
                return List.copyOf(found);
            }
            page = listing.continuedFrom(next.get());
        }
        throw new BackupStoreException(StoreFault.FAILED, "cannot list " + name() + ": it has too many objects");
    }

    private String name() {
        return exchange.access().name();
    }

    /** Before each act, not once: what is missing in another bucket, or in none, is not gone. */
    private void requireMarked() throws BackupStoreException {
        marker.require(storeID);
    }

    private static void requireKnown(String file) {
        if (!BackupFileName.isKnown(file)) {
            throw new IllegalArgumentException("a backup has no file of this name");
        }
    }
}
