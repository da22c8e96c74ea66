package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.UUID;

/**
 * The place of something sealed in the packs of one VM.
 *
 * @param backup in whose folder the pack is
 * @param file the pack
 * @param offset of its first byte
 * @param bytes as it is stored, sealed
 */
@JsonPropertyOrder({"backup", "file", "offset", "bytes"})
public record SegmentRef(UUID backup, String file, long offset, int bytes) {
    /** @throws IllegalArgumentException if nothing can be there */
    public SegmentRef {
        if (backup == null || file == null || !BackupFileName.isPack(file) || offset < 0 || bytes < 1) {
            throw new IllegalArgumentException("not the place of a segment");
        }
    }

    public Pack pack() {
        return new Pack(backup, file);
    }
}
