package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.trustedlaunch.backup.CanonicalJson.Reading;
import io.trustedlaunch.custody.Sha256;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code index.json}: the files of a backup and the packs that it needs, in the clear, so that no key is needed to verify or to
 * remove them. It proves nothing by itself; its reader knows its digest from elsewhere.
 *
 * @param backup see {@link BackupId}
 * @param vm the VM's identity
 * @param keyId identifies the protection key, as {@link io.trustedlaunch.custody.ProtectionKey#keyId} does
 * @param files in its own folder but for packs and {@code cluster.escrow}, in the order of their names
 * @param packs all that it needs, its own ones and those of other backups of the VM, in the order of the backups
 */
@JsonPropertyOrder({"format", "backup", "vm", "keyId", "files", "packs"})
@JsonIgnoreProperties(value = "format", allowGetters = true)
public record BackupIndex(UUID backup, UUID vm, String keyId, List<BackupFile> files, List<Packs> packs) {
    /** The most packs that a backup may need. */
    public static final int MAX_PACKS = 4096;

    public static final int MAX_BYTES = 1024 * 1024;
    /** Increased when older readers would misread a new form; always the first field. */
    static final int FORMAT = 2;

    private static final Pattern KEY_ID = Pattern.compile("[0-9a-f]{16}");

    /**
     * The packs that are in the folder of one backup.
     *
     * @param files in the order of their names
     */
    @JsonPropertyOrder({"backup", "files"})
    public record Packs(UUID backup, List<BackupFile> files) {
        public Packs {
            Objects.requireNonNull(backup, "backup");
            files = List.copyOf(files);
            requireOrder(files);
            if (files.isEmpty() || !files.stream().map(BackupFile::name).allMatch(BackupFileName::isPack)) {
                throw new IllegalArgumentException("there is something else than packs");
            }
        }
    }

    /** The result of reading an index. */
    public sealed interface Opening {
        record Opened(BackupIndex index) implements Opening {}

        /**
         * @param fault {@link BackupFault#INDEX_MALFORMED} or {@link BackupFault#UNSUPPORTED_FORMAT}
         * @param message a clause in which "it" is the index; quotes none of its content
         */
        record Refused(BackupFault fault, String message) implements Opening {}
    }

    /** @throws IllegalArgumentException if it is not of one VM's backup, with guest state and description */
    public BackupIndex {
        Objects.requireNonNull(backup, "backup");
        Objects.requireNonNull(vm, "vm");
        if (keyId == null || !KEY_ID.matcher(keyId).matches()) {
            throw new IllegalArgumentException("keyId is not the id of a protection key");
        }
        files = List.copyOf(files);
        packs = List.copyOf(packs);
        requireOrder(files);
        List<String> names = files.stream().map(BackupFile::name).toList();
        for (String required : List.of(BackupFileName.GUEST_STATE, BackupFileName.DESCRIPTION)) {
            if (!names.contains(required)) {
                throw new IllegalArgumentException("there is no " + required);
            }
        }
        if (!names.stream().allMatch(BackupFileName::isIndexed)) {
            throw new IllegalArgumentException("a file is a pack");
        }
        List<UUID> folders = packs.stream().map(Packs::backup).toList();
        if (!folders.equals(folders.stream().distinct().sorted().toList())
                || packs.stream().mapToInt(one -> one.files().size()).sum() > MAX_PACKS) {
            throw new IllegalArgumentException("the packs are too many, or not in order");
        }
    }

    private static void requireOrder(List<BackupFile> files) {
        List<String> names = files.stream().map(BackupFile::name).toList();
        if (!names.equals(names.stream().distinct().sorted().toList())) {
            throw new IllegalArgumentException("the files are not in the order of their names");
        }
    }

    /** Written, and ignored when read: the bytes are compared. */
    @JsonProperty
    int format() {
        return FORMAT;
    }

    public BackupId id() {
        return new BackupId(vm, backup);
    }

    /** Each pack that it needs. */
    public Stream<Pack> neededPacks() {
        return packs.stream()
                .flatMap(folder -> folder.files().stream().map(file -> new Pack(folder.backup(), file.name())));
    }

    /** Bytes of all files and packs, also of those that other backups have written. */
    public long bytes() {
        return Stream.concat(files.stream(), packs.stream().flatMap(folder -> folder.files().stream()))
                .mapToLong(BackupFile::bytes)
                .sum();
    }

    /** Bytes of what is in its own folder. */
    public long ownBytes() {
        return Stream.concat(
                        files.stream(),
                        packs.stream()
                                .filter(folder -> folder.backup().equals(backup))
                                .flatMap(folder -> folder.files().stream()))
                .mapToLong(BackupFile::bytes)
                .sum();
    }

    /** @throws IllegalArgumentException if it is larger than any reader accepts */
    public byte[] encoded() {
        byte[] bytes = CanonicalJson.encode(this);
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "an index of " + bytes.length + " bytes is more than the limit of " + MAX_BYTES);
        }
        return bytes;
    }

    public BackupRef ref() {
        return new BackupRef(id(), Sha256.of(encoded()));
    }

    /** Never throws because of the bytes. */
    public static Opening parse(byte[] bytes) {
        return switch (CanonicalJson.decode(bytes, BackupIndex.class, FORMAT, MAX_BYTES)) {
            case Reading.Read<BackupIndex>(BackupIndex index) -> new Opening.Opened(index);
            case Reading.Refused<BackupIndex>(boolean later, String message) ->
                new Opening.Refused(later ? BackupFault.UNSUPPORTED_FORMAT : BackupFault.INDEX_MALFORMED, message);
        };
    }

    /** The content that its description binds. */
    public BackupContent content() {
        return new BackupContent(
                backup,
                vm,
                keyId,
                files.stream()
                        .filter(file -> !file.name().equals(BackupFileName.DESCRIPTION))
                        .toList(),
                packs);
    }
}
