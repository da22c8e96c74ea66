package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.quota.VMQuota;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One quota of a namespace.
 *
 * @param name at the beginning of a sentence
 * @param remedy who can raise it, and how
 */
public record QuotaLimit(String name, String remedy, QuotaAmounts hard) {
    static QuotaLimit of(VMQuota quota) {
        return new QuotaLimit(
                "VMQuota " + quota.getMetadata().getName(),
                "ask an administrator to raise its spec.hard",
                quota.getSpec().hard());
    }

    static QuotaLimit ofTheCluster(QuotaAmounts hard) {
        return new QuotaLimit(
                "the default quota of the cluster", "ask an administrator for a VMQuota in this namespace", hard);
    }

    /** Empty: as much as there is. */
    Optional<Long> most(QuotaResource resource) {
        return switch (resource) {
            case VMS -> Optional.ofNullable(hard.vms());
            case CORES -> Optional.ofNullable(hard.cores());
            case MEMORY -> Optional.ofNullable(hard.memory()).map(ByteSize::of);
            case STORAGE -> Optional.ofNullable(hard.storage()).map(ByteSize::of);
            case BACKUPS -> Optional.ofNullable(hard.backups());
            case MIGRATIONS -> Optional.ofNullable(hard.migrations());
        };
    }

    public boolean limitsBackups() {
        return hard.backups() != null;
    }

    /** The amount that is missing for an object that takes more than before; empty: none. */
    Optional<String> missing(Use others, Use held, Use wanted) {
        String lacks = Arrays.stream(QuotaResource.values())
                .flatMap(resource -> missing(resource, others, held, wanted).stream())
                .collect(Collectors.joining(", "));
        return lacks.isEmpty() ? Optional.empty() : Optional.of(name + " leaves too little: " + lacks);
    }

    private Optional<String> missing(QuotaResource resource, Use others, Use held, Use wanted) {
        long used = others.of(resource) + held.of(resource);
        long further = wanted.of(resource) - held.of(resource);
        return most(resource)
                .filter(most -> further > 0 && used + further > most)
                .map(most -> resource.field() + ": " + resource.show(further) + " more wanted, "
                        + resource.show(used) + " of " + resource.show(most) + " in use, "
                        + resource.show(used + further - most) + " missing");
    }
}
