package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.quota.VMQuotaStatus;
import io.trustedlaunch.api.quota.VMQuotaStatusSummaryBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;

/** Computes the status of a quota. */
final class QuotaStatus {
    private final QuotaLimit limit;
    private final Use use;

    private QuotaStatus(QuotaLimit limit, Use use) {
        this.limit = limit;
        this.use = use;
    }

    /** @param use of its namespace */
    static VMQuotaStatus of(VMQuota quota, Use use, Instant now) {
        Conditions conditions = new Conditions(quota, now);
        return new VMQuotaStatus(
                quota.getMetadata().getGeneration(),
                quota.getSpec().hard(),
                use.amounts(),
                new QuotaStatus(QuotaLimit.of(quota), use).summary(),
                conditions.all(conditions.of(
                        ConditionType.Ready, State.True, Reason.QuotaInForce, "it limits what VMs take from now on")));
    }

    private VMQuotaStatus.Summary summary() {
        return VMQuotaStatusSummaryBuilder.builder()
                .vms(show(QuotaResource.VMS))
                .cores(show(QuotaResource.CORES))
                .memory(show(QuotaResource.MEMORY))
                .storage(show(QuotaResource.STORAGE))
                .backups(show(QuotaResource.BACKUPS))
                .migrations(show(QuotaResource.MIGRATIONS))
                .build();
    }

    private String show(QuotaResource resource) {
        String used = resource.show(use.of(resource));
        return limit.most(resource)
                .map(most -> used + "/" + resource.show(most))
                .orElse(used);
    }
}
