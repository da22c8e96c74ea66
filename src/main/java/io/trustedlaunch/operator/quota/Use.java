package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.quota.QuotaAmountsBuilder;
import java.util.stream.Stream;

/** How much of what quotas limit is taken, by one object or by all of a namespace. */
@RecordBuilder
public record Use(long vms, long cores, long memory, long storage, long backups, long migrations) {
    public static final Use NONE = UseBuilder.builder().build();

    public static final Use ONE_MIGRATION = UseBuilder.builder().migrations(1).build();

    /** A status cannot show more, and no namespace has as much. */
    private static final long MOST_BYTES = 1_000_000L << 40;

    public static Use ofBackups(long backups) {
        return UseBuilder.builder().backups(backups).build();
    }

    public Use plus(Use other) {
        return UseBuilder.builder()
                .vms(vms + other.vms)
                .cores(cores + other.cores)
                .memory(memory + other.memory)
                .storage(storage + other.storage)
                .backups(backups + other.backups)
                .migrations(migrations + other.migrations)
                .build();
    }

    public Use minus(Use other) {
        return UseBuilder.builder()
                .vms(vms - other.vms)
                .cores(cores - other.cores)
                .memory(memory - other.memory)
                .storage(storage - other.storage)
                .backups(backups - other.backups)
                .migrations(migrations - other.migrations)
                .build();
    }

    /** The other is no more. */
    boolean covers(Use other) {
        return Stream.of(QuotaResource.values()).allMatch(resource -> other.of(resource) <= of(resource));
    }

    public long of(QuotaResource resource) {
        return switch (resource) {
            case VMS -> vms;
            case CORES -> cores;
            case MEMORY -> memory;
            case STORAGE -> storage;
            case BACKUPS -> backups;
            case MIGRATIONS -> migrations;
        };
    }

    QuotaAmounts amounts() {
        return QuotaAmountsBuilder.builder()
                .vms(vms)
                .cores(cores)
                .memory(bytes(memory))
                .storage(bytes(storage))
                .backups(backups)
                .migrations(migrations)
                .build();
    }

    private static Quantity bytes(long amount) {
        return ByteSize.quantity(Math.min(amount, MOST_BYTES));
    }
}
