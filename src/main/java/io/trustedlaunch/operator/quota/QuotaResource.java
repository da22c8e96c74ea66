package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.ByteSize;

/** The resources that a quota limits. */
public enum QuotaResource {
    VMS("vms"),
    CORES("cores"),
    MEMORY("memory"),
    STORAGE("storage"),
    BACKUPS("backups"),
    MIGRATIONS("migrations");

    private final String field;

    QuotaResource(String field) {
        this.field = field;
    }

    /** Its name in {@code spec.hard}. */
    public String field() {
        return field;
    }

    /** Writes it as in a manifest. */
    String show(long amount) {
        return this == MEMORY || this == STORAGE ? ByteSize.quantity(amount).toString() : Long.toString(amount);
    }
}
