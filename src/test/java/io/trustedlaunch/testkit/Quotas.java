package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.quota.QuotaAmountsBuilder;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.quota.VMQuotaSpec;
import java.util.function.UnaryOperator;

/** Quotas of the namespace that VMs of tests are in. */
public final class Quotas {
    private Quotas() {}

    public static VMQuota quota(String name, UnaryOperator<QuotaAmountsBuilder> hard) {
        VMQuota quota = new VMQuota();
        quota.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Vms.NAMESPACE)
                .withName(name)
                .withUid("uid-of-" + name)
                .withGeneration(1L)
                .build());
        quota.setSpec(new VMQuotaSpec(hard.apply(QuotaAmountsBuilder.builder()).build()));
        return quota;
    }
}
