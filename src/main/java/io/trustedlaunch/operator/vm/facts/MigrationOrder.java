package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.VMMigration;
import java.util.Comparator;

/** The order in which several VMMigrations of one VM are carried out. */
public final class MigrationOrder {
    /** The oldest first; by UID within one second. */
    public static final Comparator<VMMigration> ORDER = Comparator.<VMMigration, String>comparing(
                    migration -> migration.getMetadata().getCreationTimestamp())
            .thenComparing(migration -> migration.getMetadata().getUid());

    private MigrationOrder() {}
}
