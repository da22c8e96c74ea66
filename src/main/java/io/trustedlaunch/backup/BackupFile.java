package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A file as the index lists it.
 *
 * @param bytes its length
 * @param sha256 of it as it is stored, in lower-case hex
 */
@JsonPropertyOrder({"name", "bytes", "sha256"})
public record BackupFile(String name, long bytes, String sha256) {
    /** @throws IllegalArgumentException for a name or numbers that no file of a backup has */
    public BackupFile {
        if (name == null || !(BackupFileName.isIndexed(name) || BackupFileName.isPack(name))) {
            throw new IllegalArgumentException("not the name of a file that an index lists");
        }
        if (bytes < 1) {
            throw new IllegalArgumentException(name + " is empty");
        }
        HexDigest.require("the digest of " + name, sha256);
    }
}
