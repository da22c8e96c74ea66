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

/**
 * {@code index.json}: the files of a backup, in the clear, so that no key is needed to verify them. It proves nothing by
 * itself; its reader knows its digest from elsewhere.
 *
 * @param backup see {@link BackupId}
 * @param vm the VM's identity
 * @param keyId identifies the protection key, as {@link io.trustedlaunch.custody.ProtectionKey#keyId} does
 * @param parent that this backup has the changes since; absent if it is full
 * @param files all other files but {@code cluster.escrow}, in the order of their names
 */
@JsonPropertyOrder({"format", "backup", "vm", "keyId", "parent", "files"})
@JsonIgnoreProperties(value = "format", allowGetters = true)
public record BackupIndex(UUID backup, UUID vm, String keyId, Parent parent, List<BackupFile> files) {
    /** 16 MiB, which list some 15 TiB. */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    /** Increased when older readers would misread a new form; always the first field. */
    static final int FORMAT = 1;

    /** A VM has one disk and at most 16 more; the others are guest state, description and escrow. */
    private static final int MAX_FILES = 17 + 3;

    /** All but digests: of the index, and of each file, with room. */
    private static final int MAX_OTHER_VALUES = 10 + 5 * MAX_FILES;

    /** The length of a digest with its quotes. */
    private static final int DIGEST_BYTES = 64 + 2;

    private static final Pattern KEY_ID = Pattern.compile("[0-9a-f]{16}");

    /** @param indexSHA256 SHA-256 of its {@code index.json}, in lower-case hex */
    @JsonPropertyOrder({"backup", "indexSHA256"})
    public record Parent(UUID backup, String indexSHA256) {
        public Parent {
            Objects.requireNonNull(backup, "backup");
            HexDigest.require("indexSHA256", indexSHA256);
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

    /** @throws IllegalArgumentException if it is not of one VM's backup, with its disk, guest state and description */
    public BackupIndex {
        Objects.requireNonNull(backup, "backup");
        Objects.requireNonNull(vm, "vm");
        if (keyId == null || !KEY_ID.matcher(keyId).matches()) {
            throw new IllegalArgumentException("keyId is not the id of a protection key");
        }
        files = List.copyOf(files);
        List<String> names = files.stream().map(BackupFile::name).toList();
        if (names.size() > MAX_FILES
                || !names.equals(names.stream().distinct().sorted().toList())) {
            throw new IllegalArgumentException("the files are too many, or not in the order of their names");
        }
        for (String required :
                List.of(BackupFileName.ROOT_DISK, BackupFileName.GUEST_STATE, BackupFileName.DESCRIPTION)) {
            if (!names.contains(required)) {
                throw new IllegalArgumentException("there is no " + required);
            }
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

    public boolean full() {
        return parent == null;
    }

    public List<String> disks() {
        return files.stream()
                .map(BackupFile::name)
                .filter(BackupFileName::isDisk)
                .toList();
    }

    /** @throws IllegalArgumentException if it is larger than any reader accepts */
    public byte[] encoded() {
        byte[] bytes = CanonicalJson.encode(this);
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("an index of " + bytes.length + " bytes is more than the limit of "
                    + MAX_BYTES + ": the files have too many bytes for one backup");
        }
        return bytes;
    }

    public BackupRef ref() {
        return new BackupRef(id(), Sha256.of(encoded()));
    }

    /** Never throws because of the bytes. */
    public static Opening parse(byte[] bytes) {
        if (hasTooManyValues(bytes)) {
            return new Opening.Refused(BackupFault.INDEX_MALFORMED, "it has more values than so many bytes can have");
        }
        return switch (CanonicalJson.decode(bytes, BackupIndex.class, FORMAT, MAX_BYTES)) {
            case Reading.Read<BackupIndex>(BackupIndex index) -> new Opening.Opened(index);
            case Reading.Refused<BackupIndex>(boolean later, String message) ->
                new Opening.Refused(later ? BackupFault.UNSUPPORTED_FORMAT : BackupFault.INDEX_MALFORMED, message);
        };
    }

    /** Most values are digests. Smaller ones would take much more memory than bytes, before it is known that they are none. */
    private static boolean hasTooManyValues(byte[] bytes) {
        int commas = 0;
        for (byte next : bytes) {
            commas += next == ',' ? 1 : 0;
        }
        return commas > MAX_OTHER_VALUES + bytes.length / DIGEST_BYTES;
    }

    /** The content that its description binds. */
    public BackupContent content() {
        return new BackupContent(
                backup,
                vm,
                keyId,
                parent,
                files.stream()
                        .filter(file -> !file.name().equals(BackupFileName.DESCRIPTION))
                        .toList());
    }
}
