package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
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

    private static final int FOUND = 1;

    /** @param parameters array of {@code count} virTypedParameters */
    static JobStatistics read(Pointer parameters, int count) {
        return JobStatisticsBuilder.builder()
                .pass(number(parameters, count, "memory_iteration"))
                .remaining(number(parameters, count, "memory_remaining"))
                .pageSize(number(parameters, count, "memory_page_size"))
                .changedPages(number(parameters, count, "memory_dirty_rate"))
                .sentPerSecond(number(parameters, count, "memory_bps"))
                .throttlePercent(smallNumber(parameters, count, "auto_converge_throttle"))
                .build();
    }

    private static long number(Pointer parameters, int count, String name) {
        LongByReference value = new LongByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetULLong(parameters, count, name, value) == FOUND
                ? value.getValue()
                : 0;
    }

    private static int smallNumber(Pointer parameters, int count, String name) {
        IntByReference value = new IntByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetInt(parameters, count, name, value) == FOUND
                ? value.getValue()
                : 0;
    }
}
