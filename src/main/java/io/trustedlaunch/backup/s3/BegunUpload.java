package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BlockDigests;
import java.util.Objects;

/**
 * An object that is uploaded in parts.
 *
 * @param uploadId as the server named it
 * @param partBytes of each part but the last
 * @param parts the most that there may be
 */
public record BegunUpload(String uploadId, long partBytes, int parts) {
    /** Limit of a server's answer, which is part of URLs. */
    private static final int MAX_ID = 1024;

    /** The limit of S3. */
    public static final long MAX_PART_BYTES = 5L << 30;

    public BegunUpload {
        Objects.requireNonNull(uploadId, "uploadId");
        if (uploadId.isEmpty() || uploadId.length() > MAX_ID) {
            throw new IllegalArgumentException("an upload's ID of " + uploadId.length() + " characters");
        }
        if (partBytes < 1 || partBytes > MAX_PART_BYTES || parts < 1) {
            throw new IllegalArgumentException(parts + " parts of " + partBytes + " bytes");
        }
    }

    /**
     * Parts of 64 MiB, or larger ones if there would be too many.
     *
     * @param bytes the most that the object can have
     * @param maxParts the most parts that there may be
     * @throws IllegalArgumentException if parts would be too large for S3
     */
    public static BegunUpload of(String uploadId, long bytes, int maxParts) {
        long partBytes = Math.max(BlockDigests.BLOCK_BYTES, Math.ceilDiv(bytes, (long) maxParts));
        return new BegunUpload(uploadId, partBytes, (int) Math.max(1, Math.ceilDiv(bytes, partBytes)));
    }
}
