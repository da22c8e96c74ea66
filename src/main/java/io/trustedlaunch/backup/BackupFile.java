package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * A file as the index lists it.
 *
 * @param bytes its length
 * @param sha256 of each block of {@value BlockDigests#BLOCK_BYTES} bytes as it is stored, in order; the last block may be
 *     shorter. In lower-case hex
 */
@JsonPropertyOrder({"name", "bytes", "sha256"})
public record BackupFile(String name, long bytes, List<String> sha256) {
    /** @throws IllegalArgumentException for a name or numbers that no file of a backup has */
    public BackupFile {
        if (name == null || !BackupFileName.isIndexed(name)) {
            throw new IllegalArgumentException("not the name of a file that an index lists");
        }
        if (bytes < 1 || sha256.size() != BlockDigests.blocks(bytes)) {
            throw new IllegalArgumentException(name + " has a length that its digests do not have");
        }
        sha256.forEach(digest -> HexDigest.require("a digest of " + name, digest));
        sha256 = List.copyOf(sha256);
    }
}
