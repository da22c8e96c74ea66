package io.trustedlaunch.agent.libvirt;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * libvirt's statistics of a domain's job; 0 for missing values.
 *
 * @param operation virDomainJobOperation; 0 without a job
 * @param pageSize bytes
 * @param changedPages per second
 * @param sentPerSecond bytes
 * @param scratchBytes of a backup
 * @param dataMissing of a backup: libvirt has begun it, and does not know more of it
 */
@RecordBuilder
record JobStatistics(
        int operation,
        long pass,
        long remaining,
        long pageSize,
        long changedPages,
        long sentPerSecond,
        int throttlePercent,
        long scratchBytes,
        boolean dataMissing) {
    /** VIR_DOMAIN_JOB_OPERATION_BACKUP. */
    private static final int BACKUP = 9;

    static final JobStatistics NONE = JobStatisticsBuilder.builder()
            .operation(0)
            .pass(0)
            .remaining(0)
            .pageSize(0)
            .changedPages(0)
            .sentPerSecond(0)
            .throttlePercent(0)
            .scratchBytes(0)
            .dataMissing(false)
            .build();

    static final JobStatistics BACKUP_WITHOUT_DATA = JobStatisticsBuilder.builder(NONE)
            .operation(BACKUP)
            .dataMissing(true)
            .build();

    boolean isBackup() {
        return operation == BACKUP;
    }

    static JobStatistics read(TypedParameters parameters) {
        return JobStatisticsBuilder.builder()
                .operation(parameters.integer("operation").orElse(0))
                .pass(parameters.number("memory_iteration").orElse(0))
                .remaining(parameters.number("memory_remaining").orElse(0))
                .pageSize(parameters.number("memory_page_size").orElse(0))
                .changedPages(parameters.number("memory_dirty_rate").orElse(0))
                .sentPerSecond(parameters.number("memory_bps").orElse(0))
                .throttlePercent(parameters.integer("auto_converge_throttle").orElse(0))
                .scratchBytes(parameters.number("disk_temp_used").orElse(0))
                .dataMissing(false)
                .build();
    }
}
