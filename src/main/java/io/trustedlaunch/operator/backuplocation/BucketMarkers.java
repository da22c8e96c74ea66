package io.trustedlaunch.operator.backuplocation;

import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import java.util.Optional;
import java.util.UUID;

/** The markers of buckets. */
@FunctionalInterface
public interface BucketMarkers {
    /**
     * The ID of the marker in the bucket, if it has one.
     *
     * @param toMake that of a marker to make first, on a person's order, unless there is one
     * @return empty if the bucket has not answered yet; it is asked again soon
     */
    Optional<Result<Optional<UUID>>> look(S3 bucket, Optional<UUID> toMake);
}
