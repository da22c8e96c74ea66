package io.trustedlaunch.backup.s3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The requests of a run, signed beforehand. One that makes a backup: to write its own files once and read them, and to read
 * the indexes of backups that it may follow from. One that verifies or restores a backup: to read its files, and those of all
 * that it follows from. Each may read the store's marker. Not to remove or replace anything, nor to read another file.
 *
 * @param id of the run: the VM, and the run's own UID
 * @param name of the bucket, for messages
 * @param indexes of which backups it may read
 * @param uploads by the name of a disk's file
 * @param urls by what is asked, as {@link S3Request#toString} has it
 */
@RecordBuilder
public record GrantedAccess(
        BackupId id,
        String name,
        Optional<String> caBundle,
        List<BackupId> indexes,
        Map<String, BegunUpload> uploads,
        Map<String, URI> urls)
        implements S3Access {
    /** The most parts of all disks of a run: the URLs of so many fit into an envelope. */
    public static final int MAX_PARTS = 4000;

    /** That an index lists. */
    private static final List<String> BESIDE_DISKS =
            List.of(BackupFileName.GUEST_STATE, BackupFileName.RECOVERY_ESCROW, BackupFileName.DESCRIPTION);

    /** Decompressed. */
    private static final int MAX_BYTES = 8 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public GrantedAccess {
        indexes = List.copyOf(indexes);
        uploads = Map.copyOf(uploads);
        urls = Map.copyOf(urls);
    }

    /**
     * Signs all that a run needs which makes a backup.
     *
     * @param account may ask anything
     * @param uploads that were begun for its disks
     * @param bases the backups that the run may follow from
     */
    public static GrantedAccess toWrite(
            BackupId id, S3Access account, Map<String, BegunUpload> uploads, List<BackupId> bases)
            throws BackupStoreException {
        List<S3Request> requests = new ArrayList<>();
        requests.add(S3Request.list(id));
        for (String file : List.of(
                BackupFileName.GUEST_STATE,
                BackupFileName.RECOVERY_ESCROW,
                BackupFileName.CLUSTER_ESCROW,
                BackupFileName.DESCRIPTION,
                BackupFileName.INDEX)) {
            requests.add(S3Request.create(id, file));
            requests.add(S3Request.get(id, file));
        }
        uploads.forEach((file, upload) -> {
            for (int number = 1; number <= upload.parts(); number++) {
                requests.add(S3Request.part(id, file, upload, number));
            }
            requests.add(S3Request.complete(id, file, upload));
            requests.add(S3Request.abort(id, file, upload));
            requests.add(S3Request.get(id, file));
        });
        return signed(id, account, bases, uploads, requests);
    }

    /**
     * Signs all that a run needs which reads backups.
     *
     * @param account may ask anything
     * @param backups whose files it reads
     * @param disks names of their disks' files; of other files there are always the same
     * @param others of which it reads the indexes only
     */
    public static GrantedAccess toRead(
            BackupId id,
            S3Access account,
            List<BackupId> backups,
            Collection<String> disks,
            Collection<BackupId> others)
            throws BackupStoreException {
        Set<BackupId> indexes = new LinkedHashSet<>(others);
        List<S3Request> requests = new ArrayList<>();
        for (BackupId backup : backups) {
            indexes.add(backup);
            Stream.concat(BESIDE_DISKS.stream(), disks.stream())
                    .forEach(file -> requests.add(S3Request.get(backup, file)));
        }
        return signed(id, account, List.copyOf(indexes), Map.of(), requests);
    }

    private static GrantedAccess signed(
            BackupId id,
            S3Access account,
            List<BackupId> indexes,
            Map<String, BegunUpload> uploads,
            List<S3Request> requests)
            throws BackupStoreException {
        requests.add(S3Request.marker());
        indexes.forEach(index -> requests.add(S3Request.get(index, BackupFileName.INDEX)));
        Map<String, URI> urls = new HashMap<>();
        for (S3Request request : requests) {
            urls.put(request.toString(), account.sign(request));
        }
        return GrantedAccessBuilder.builder()
                .id(id)
                .name(account.name())
                .caBundle(account.caBundle())
                .indexes(indexes)
                .uploads(uploads)
                .urls(urls)
                .build();
    }

    @Override
    public URI sign(S3Request request) throws BackupStoreException {
        URI url = urls.get(request.toString());
        if (url == null) {
            throw new BackupStoreException(
                    StoreFault.REFUSED, "run " + id.backup() + " may not ask " + name + " for this");
        }
        return url;
    }

    @Override
    public Optional<List<BackupId>> readable() {
        return Optional.of(indexes);
    }

    @Override
    public Optional<BegunUpload> upload(BackupId of, String file) {
        return Optional.ofNullable(of.equals(id) ? uploads.get(file) : null);
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
