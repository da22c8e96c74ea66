package io.trustedlaunch.backup;

import java.util.Objects;

/**
 * One backup, beyond doubt: it is recorded where the store's administrators cannot write, and restores take nothing else.
 *
 * @param indexSHA256 SHA-256 of its {@code index.json}, in lower-case hex
 */
public record BackupRef(BackupId id, String indexSHA256) {
    public BackupRef {
        Objects.requireNonNull(id, "id");
        HexDigest.require("indexSHA256", indexSHA256);
    }
}
