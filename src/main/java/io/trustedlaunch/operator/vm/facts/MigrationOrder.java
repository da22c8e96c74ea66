package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.VMMigration;
import java.util.Comparator;

/** Whose turn it is when several migrations of one VM are wanted. */
public final class MigrationOrder {
    /** The oldest first; of those of one second, always the same. */
    public static final Comparator<VMMigration> ORDER = Comparator.<VMMigration, String>comparing(
                    move -> move.getMetadata().getCreationTimestamp())
            .thenComparing(move -> move.getMetadata().getUid());

    private MigrationOrder() {}
}
