package io.trustedlaunch.agent.libvirt;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * libvirt's statistics of a domain's memory during a migration; 0 for missing values.
 *
 * @param pageSize bytes
 * @param changedPages per second
 * @param sentPerSecond bytes
 */
@RecordBuilder
record JobStatistics(
        long pass, long remaining, long pageSize, long changedPages, long sentPerSecond, int throttlePercent) {
    static final JobStatistics NONE = JobStatisticsBuilder.builder()
            .pass(0)
            .remaining(0)
            .pageSize(0)
            .changedPages(0)
            .sentPerSecond(0)
            .throttlePercent(0)
            .build();

    static JobStatistics read(TypedParameters parameters) {
        return JobStatisticsBuilder.builder()
                .pass(parameters.number("memory_iteration").orElse(0))
                .remaining(parameters.number("memory_remaining").orElse(0))
                .pageSize(parameters.number("memory_page_size").orElse(0))
                .changedPages(parameters.number("memory_dirty_rate").orElse(0))
                .sentPerSecond(parameters.number("memory_bps").orElse(0))
                .throttlePercent(parameters.integer("auto_converge_throttle").orElse(0))
                .build();
    }
}
