package io.trustedlaunch.placement;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What a small VM needs, whose disks are in the location {@code default}. */
final class RequestsDraft {
    private static final long GIB = 1L << 30;

    private RequestsDraft() {}

    static RequestsBuilder requests() {
        return RequestsBuilder.builder()
                .cores(1)
                .memoryBytes(GIB)
                .incarnationFields(() -> new TreeSet<>(NodeDraft.INCARNATION_FIELDS))
                .networks(List.of())
                .locations(List.of("default"))
                .hasRemovedDisks(false)
                .libtpms(Optional.empty())
                .image(Optional.empty())
                .constraints(Constraints.NONE);
    }
}
