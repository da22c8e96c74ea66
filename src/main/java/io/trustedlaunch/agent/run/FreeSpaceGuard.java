package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.backup.ScratchLimit;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * The room for a run in the VM's storage location. Guests whose disks find none left stand still, so some is never used.
 *
 * @param free bytes that are free where a path leads
 */
public record FreeSpaceGuard(ToLongFunction<Path> free) {
    /** Twice what a guest needs to be resumed after its disk was full. */
    public static final long KEPT = 512L << 20;

    private static final long MIB = 1L << 20;

    /** How much the guest may overwrite during the run: half of what is left. */
    public ScratchLimit scratch(Path location) {
        long there = free.applyAsLong(location);
        long left = there - KEPT;
        if (left < KEPT) {
            throw new RefusedException(
                    Reason.NoSpace,
                    "a backup needs " + 2 * KEPT / MIB + " MiB in storage location " + location
                            + " while it is made, and " + there / MIB + " MiB are free; free or add space");
        }
        return new ScratchLimit(left / 2);
    }

    public Optional<Problem> shortage(Path location) {
        long there = free.applyAsLong(location);
        return there >= KEPT
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.NoSpace,
                        "only " + there / MIB + " MiB are free in storage location " + location
                                + ", which its guests need; free or add space"));
    }
}
