package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.quota.VMQuota;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The quotas of namespaces.
 *
 * @param standard of namespaces that have none of their own
 * @param quotas of a namespace, as the watch has them
 */
public record QuotaLimits(Optional<QuotaAmounts> standard, Function<String, List<VMQuota>> quotas) {
    public List<QuotaLimit> of(String namespace) {
        List<VMQuota> own = quotas.apply(namespace);
        return own.isEmpty()
                ? standard.map(QuotaLimit::ofTheCluster).stream().toList()
                : own.stream()
                        .map(QuotaLimit::of)
                        .sorted(Comparator.comparing(QuotaLimit::name))
                        .toList();
    }
}
