package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A store in a bucket that has its marker: {@code <prefix>/<VM UID>/<backup UID>/<file>}. The server writes an object whole or not at all, and, asked
 * so, only where there is none.
 *
 * <p>As in a folder, an empty index belongs to a run that is being removed: it takes the place that a commit needs. What has neither
 * an index nor the object {@code begun} was removed, too: a node that was slow has sent a pack after that.
 */
public final class S3Store implements BackupStore {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** Limit of a listing: a server may say for ever that there are more. */
    private static final int MAX_PAGES = 100;

    /** A page of S3 has at most a thousand; a hostile server's has as many as fit. */
    private static final int MAX_FOUND = 1000 * MAX_PAGES;

    private final S3Exchange exchange;
    private final S3Marker marker;
    private final UUID storeID;
    private final Optional<Path> spool;

    /**
     * Without {@link #create}.
     *
     * @param storeID that its marker has; with another one, or without, each call is a {@link StoreFault#UNMARKED}
     * @throws BackupStoreException if the CA bundle is none
     */
    public S3Store(S3Access access, UUID storeID) throws BackupStoreException {
        this(access, storeID, Retries.NONE);
    }

    /**
     * Without {@link #create}.
     *
     * @throws BackupStoreException if the CA bundle is none
     */
    public S3Store(S3Access access, UUID storeID, Retries retries) throws BackupStoreException {
        this(access, storeID, retries, PATIENCE, Optional.empty());
    }

    /**
     * @param spool a folder, where a file is until it is whole
     * @throws BackupStoreException if the CA bundle is none
     */
    public S3Store(S3Access access, UUID storeID, Retries retries, Path spool) throws BackupStoreException {
        this(access, storeID, retries, PATIENCE, Optional.of(spool));
    }

    /**
     * @param patience with a server that does not answer, or sends or takes bytes too slowly, at each attempt
     * @throws BackupStoreException if the CA bundle is none
     */
    public S3Store(S3Access access, UUID storeID, Retries retries, Duration patience, Optional<Path> spool)
            throws BackupStoreException {
        this.exchange = new S3Exchange(access, retries, patience);
        this.marker = new S3Marker(exchange);
        this.storeID = storeID;
        this.spool = spool;
    }

    /** Returns if the bucket answers, has the marker, and may be listed. */
    public void probe() throws BackupStoreException {
        requireMarked();
        exchange.send("list", name(), S3Request.probe());
    }

    @Override
    public void begin(BackupId id) throws BackupStoreException {
        requireMarked();
        createEmpty(id, BackupFileName.BEGUN);
    }

    @Override
    public void write(BackupId id, String file, InputStream content, long bytes) throws BackupStoreException {
        requireMarked();
        requireKnown(file);
        if (file.equals(BackupFileName.INDEX)) {
            throw new IllegalArgumentException(file + " is written as a whole");
        }
        put(id, file, content, bytes);
        requireEnd(exchange.describe(id, file), content, bytes);
    }

    private void put(BackupId id, String file, InputStream content, long bytes) throws BackupStoreException {
        exchange.create(
                exchange.describe(id, file),
                S3Request.create(id, file),
                content,
                bytes,
                () -> S3StoredObject.hasLength(exchange, id, file, bytes));
    }

    private static void requireEnd(String what, InputStream content, long bytes) throws BackupStoreException {
        try {
            if (content.read() >= 0) {
                throw new BackupStoreException(StoreFault.FAILED, what + " has more than " + bytes + " bytes");
            }
        } catch (BackupStoreException e) {
            throw e;
        } catch (IOException e) {
            throw new BackupStoreException(StoreFault.FAILED, e.getMessage(), e);
        }
    }

    @Override
    public NewFile create(BackupId id, String file) throws BackupStoreException {
        requireMarked();
        requireKnown(file);
        Path folder =
                spool.orElseThrow(() -> new IllegalStateException("no folder was given for files of unknown length"));
        return SpooledFile.in(folder, (content, bytes) -> put(id, file, content, bytes));
    }

    @Override
    public void commit(BackupId id, byte[] index) throws BackupStoreException {
        requireMarked();
        if (index.length == 0) {
            throw new IllegalArgumentException("an index has content");
        }
        String what = exchange.describe(id, BackupFileName.INDEX);
        if (bytes(id, BackupFileName.BEGUN).isEmpty()) {
            throw new BackupStoreException(
                    StoreFault.MISSING, "cannot write " + what + ": the run has not begun, or was removed");
        }
        try {
            exchange.send(
                    "write",
                    what,
                    S3Request.create(id, BackupFileName.INDEX),
                    new ByteArrayInputStream(index),
                    index.length);
        } catch (BackupStoreException e) {
            if (e.fault() != StoreFault.EXISTS
                    || !read(id, BackupFileName.INDEX, index.length + 1)
                            .filter(there -> Arrays.equals(there, index))
                            .isPresent()) {
                throw e;
            }
        }
    }

    /** Unless it is there. */
    private void createEmpty(BackupId id, String file) throws BackupStoreException {
        try {
            exchange.send("write", exchange.describe(id, file), S3Request.create(id, file));
        } catch (BackupStoreException e) {
            if (e.fault() != StoreFault.EXISTS) {
                throw e;
            }
        }
    }

    /** Of a file, if it is there. */
    private Optional<Long> bytes(BackupId id, String file) throws BackupStoreException {
        try {
            return Optional.of(S3StoredObject.open(exchange, S3Request.get(id, file), exchange.describe(id, file))
                    .bytes());
        } catch (BackupStoreException e) {
            if (e.fault() == StoreFault.MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void replaceClusterEscrow(BackupId id, byte[] escrow) throws BackupStoreException {
        requireMarked();
        exchange.send(
                "write",
                exchange.describe(id, BackupFileName.CLUSTER_ESCROW),
                S3Request.replace(id, BackupFileName.CLUSTER_ESCROW),
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
        Optional<UUID> only = exchange.access().onlyVm();
        return only.isPresent() ? List.of(only.get()) : uids(S3Request.listVms());
    }

    @Override
    public List<Listed> backups(UUID vm) throws BackupStoreException {
        requireMarked();
        List<Listed> backups = new ArrayList<>();
        for (UUID backup : uids(S3Request.listBackups(vm))) {
            backups.add(new Listed(backup, state(new BackupId(vm, backup))));
        }
        return backups;
    }

    private State state(BackupId id) throws BackupStoreException {
        Optional<Long> index = bytes(id, BackupFileName.INDEX);
        if (index.isPresent()) {
            return index.get() > 0 ? State.COMMITTED : State.REMOVED;
        }
        return bytes(id, BackupFileName.BEGUN).isPresent() ? State.OPEN : State.REMOVED;
    }

    /** By one request, so that nothing that is removed becomes a backup again. */
    @Override
    public void removeIndex(BackupId id) throws BackupStoreException {
        requireMarked();
        if (state(id) == State.COMMITTED) {
            exchange.send(
                    S3Failure.REMOVE,
                    exchange.describe(id, BackupFileName.INDEX),
                    S3Request.replace(id, BackupFileName.INDEX));
        }
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
    public void removeFiles(BackupId id, Predicate<String> kept) throws BackupStoreException {
        requireMarked();
        List<String> files = files(id);
        if (files.isEmpty()) {
            return;
        }
        barCommit(id);
        boolean isEmpty = true;
        for (String file : files) {
            if (BackupFileName.isPack(file) && kept.test(file)) {
                isEmpty = false;
            } else if (!file.equals(BackupFileName.BEGUN) && !file.equals(BackupFileName.INDEX)) {
                delete(id, file);
            }
        }
        if (isEmpty) {
            delete(id, BackupFileName.BEGUN);
            delete(id, BackupFileName.INDEX);
        }
    }

    private void barCommit(BackupId id) throws BackupStoreException {
        // An earlier removal that was broken off has made it, or it is committed.
        createEmpty(id, BackupFileName.INDEX);
        if (state(id) == State.COMMITTED) {
            throw new BackupStoreException(
                    StoreFault.COMMITTED, exchange.describe(id, "") + " is complete; remove its index first");
        }
    }

    private List<String> files(BackupId id) throws BackupStoreException {
        return all(
                S3Request.list(id),
                answer -> S3Xml.texts(answer.body(), "ListBucketResult", "Contents", "Key").stream()
                        .flatMap(key -> file(id, key).stream()));
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
