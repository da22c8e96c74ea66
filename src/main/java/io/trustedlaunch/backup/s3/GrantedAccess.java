package io.trustedlaunch.backup.s3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.PackLimits;
import io.trustedlaunch.backup.StoreFault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The requests of a run, signed beforehand. One that makes a backup: to write its own files once and read them, and to read of
 * earlier backups what it compares with. One that verifies or restores a backup: to read all that this one needs. Each may read the
 * store's marker. Not to remove or replace anything, nor to read another file.
 *
 * @param id of the run: the VM, and the run's own UID
 * @param name of the bucket, for messages
 * @param urls by what is asked, as {@link S3Request#toString} has it
 */
public record GrantedAccess(BackupId id, String name, Optional<String> caBundle, Map<String, URI> urls)
        implements S3Access {
    /** The most packs with maps of one earlier backup: the URLs of so many fit into an envelope, beside those to write. */
    public static final int MAX_MAPS = 2000;

    /** Decompressed. */
    private static final int MAX_BYTES = 16 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public GrantedAccess {
        urls = Map.copyOf(urls);
    }

    /**
     * Signs all that a run needs which makes a backup.
     *
     * @param account may ask anything
     * @param packs that it writes
     * @param earlier backups that it may be compared with
     */
    public static GrantedAccess toWrite(BackupId id, S3Access account, PackLimits packs, List<BackupIndex> earlier)
            throws BackupStoreException {
        List<S3Request> requests = new ArrayList<>();
        for (String file : filesToWrite(packs)) {
            requests.add(S3Request.create(id, file));
            requests.add(S3Request.get(id, file));
        }
        for (BackupIndex index : earlier) {
            requests.add(S3Request.get(index.id(), BackupFileName.INDEX));
            requests.add(S3Request.get(index.id(), BackupFileName.DESCRIPTION));
            maps(index).forEach(requests::add);
        }
        return signed(id, account, requests);
    }

    private static List<String> filesToWrite(PackLimits packs) {
        return Stream.of(
                        Stream.of(
                                BackupFileName.BEGUN,
                                BackupFileName.GUEST_STATE,
                                BackupFileName.RECOVERY_ESCROW,
                                BackupFileName.CLUSTER_ESCROW,
                                BackupFileName.DESCRIPTION,
                                BackupFileName.INDEX),
                        IntStream.range(0, packs.dataPacks()).mapToObj(BackupFileName::dataPack),
                        IntStream.range(0, packs.mapPacks()).mapToObj(BackupFileName::mapPack))
                .flatMap(files -> files)
                .toList();
    }

    /** What is compared is in the maps. */
    private static Stream<S3Request> maps(BackupIndex index) {
        return index.neededPacks()
                .filter(pack -> BackupFileName.isMapPack(pack.file()))
                .map(pack -> S3Request.get(new BackupId(index.vm(), pack.backup()), pack.file()));
    }

    /** Whether a run may be compared with this backup: a node that was taken over may have named any number of packs. */
    public static boolean canBeCompared(BackupIndex index) {
        return maps(index).count() <= MAX_MAPS;
    }

    /**
     * Signs all that a run needs which reads a backup.
     *
     * @param account may ask anything
     * @param backup whose index it reads
     * @param index the one on record; empty: the run finds out what is the matter with it
     * @param compared backups of which it reads the index alone
     */
    public static GrantedAccess toRead(
            BackupId id, S3Access account, BackupId backup, Optional<BackupIndex> index, List<BackupId> compared)
            throws BackupStoreException {
        List<S3Request> requests = new ArrayList<>();
        requests.add(S3Request.get(backup, BackupFileName.INDEX));
        compared.forEach(other -> requests.add(S3Request.get(other, BackupFileName.INDEX)));
        index.ifPresent(whole -> {
            whole.files().forEach(file -> requests.add(S3Request.get(backup, file.name())));
            whole.neededPacks()
                    .forEach(
                            pack -> requests.add(S3Request.get(new BackupId(backup.vm(), pack.backup()), pack.file())));
        });
        return signed(id, account, requests);
    }

    private static GrantedAccess signed(BackupId id, S3Access account, List<S3Request> requests)
            throws BackupStoreException {
        requests.add(S3Request.marker());
        Map<String, URI> urls = new HashMap<>();
        for (S3Request request : requests) {
            urls.put(request.toString(), account.sign(request));
        }
        return new GrantedAccess(id, account.name(), account.caBundle(), urls);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BackupStoreException also {@link StoreFault#FAILED} for an index, since without it only that backup is of no use
     */
    @Override
    public URI sign(S3Request request) throws BackupStoreException {
        URI url = urls.get(request.toString());
        if (url == null) {
            throw new BackupStoreException(
                    request.readsIndex() ? StoreFault.FAILED : StoreFault.REFUSED,
                    "run " + id.backup() + " may not ask " + name + " for this: " + request);
        }
        return url;
    }

    @Override
    public Optional<UUID> onlyVm() {
        return Optional.of(id.vm());
    }

    /** Compressed: but for their signatures the URLs are nearly the same. */
    public byte[] encoded() {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(encoded)) {
            compressed.write(JSON.writeValueAsBytes(this));
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return encoded.toByteArray();
    }

    /** @throws IllegalArgumentException if it is nothing that {@link #encoded} returns; the message quotes none of it */
    public static GrantedAccess decode(byte[] encoded) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(encoded))) {
            byte[] json = in.readNBytes(MAX_BYTES + 1);
            if (json.length > MAX_BYTES) {
                throw new IllegalArgumentException("the signed URLs have more than " + MAX_BYTES + " bytes");
            }
            return JSON.readValue(json, GrantedAccess.class);
        } catch (JsonProcessingException e) {
            // Its message and its cause quote the input.
            throw new IllegalArgumentException("the signed URLs are damaged");
        } catch (IOException e) {
            throw new IllegalArgumentException("the signed URLs are damaged", e);
        }
    }

    /** The URLs are secrets. */
    @Override
    public String toString() {
        return "GrantedAccess[" + name + ", " + urls.size() + " URLs]";
    }
}
