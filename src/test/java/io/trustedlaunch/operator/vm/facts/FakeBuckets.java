package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.backup.BackupRef;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** Buckets that answer, or have a problem. */
public final class FakeBuckets implements RestoreGrants {
    public Optional<Problem> problem = Optional.empty();

    @Override
    public Optional<Problem> problem(BackupLocationSpec location) {
        return problem;
    }

    @Override
    public Result<byte[]> toRestore(BackupLocationSpec location, BackupRef wanted, UUID restore) {
        return problem.<Result<byte[]>>map(Result.Refused::new)
                .orElseGet(() -> new Result.Value<>(restore.toString().getBytes(StandardCharsets.US_ASCII)));
    }
}
