package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.trustedlaunch.custody.Sha256;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * An index before its description is added. The description has the digest of this inside, so that no file of another
 * backup can be put beside it.
 *
 * @param files in the order of their names; see {@link BackupIndex} for the rest
 */
@JsonPropertyOrder({"format", "backup", "vm", "keyId", "files", "packs"})
public record BackupContent(UUID backup, UUID vm, String keyId, List<BackupFile> files, List<BackupIndex.Packs> packs) {
    public BackupContent {
        files = files.stream().sorted(Comparator.comparing(BackupFile::name)).toList();
        packs = packs.stream()
                .sorted(Comparator.comparing(BackupIndex.Packs::backup))
                .toList();
    }

    @JsonProperty
    int format() {
        return BackupIndex.FORMAT;
    }

    /** {@code docs/backup-format.md} computes it with jq. */
    public String sha256() {
        return Sha256.of(CanonicalJson.encode(this));
    }

    /** @throws IllegalArgumentException if files are missing, or doubly there */
    public BackupIndex index(BackupFile description) {
        List<BackupFile> all = Stream.concat(files.stream(), Stream.of(description))
                .sorted(Comparator.comparing(BackupFile::name))
                .toList();
        return new BackupIndex(backup, vm, keyId, all, packs);
    }
}
