package io.trustedlaunch.api.quota;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Schemas;

/**
 * The amounts that the VMs of a namespace take together, or may take.
 *
 * @param vms number of VMs that were started or restored, also while they are off
 * @param cores virtual CPUs of VMs that run, or are started again by themselves
 * @param memory bytes of memory of these VMs, for example 64Gi
 * @param storage bytes of the disks of VMs, for example 2Ti: also of those that are off or retained, and what restores have
 *     set aside
 * @param backups number of VMBackups that have begun and have not failed
 * @param migrations number of live migrations at a time, without those of drains
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@RecordBuilder
public record QuotaAmounts(
        @Min(0) @Max(QuotaAmounts.MOST) Long vms,
        @Min(0) @Max(QuotaAmounts.MOST) Long cores,

        @ValidationRule(value = Schemas.QUOTA_BYTES, message = "memory must be at most 1000000Ti, for example 64Gi")
        Quantity memory,

        @ValidationRule(value = Schemas.QUOTA_BYTES, message = "storage must be at most 1000000Ti, for example 2Ti")
        Quantity storage,

        @Min(0) @Max(QuotaAmounts.MOST) Long backups,
        @Min(0) @Max(QuotaAmounts.MOST) Long migrations) {
    /** Far from what can be counted, and from overflow. */
    public static final long MOST = 1_000_000_000;
}
