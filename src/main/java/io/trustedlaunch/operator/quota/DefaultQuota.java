package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.quota.QuotaAmountsBuilder;
import java.util.Map;
import java.util.Optional;

/** The quota of namespaces that have no VMQuota, as it is configured. */
public final class DefaultQuota {
    private DefaultQuota() {}

    /**
     * Empty if nothing is limited.
     *
     * @param hard the limits by their names in {@code spec.hard}
     * @throws IllegalArgumentException says which name or amount is none
     */
    public static Optional<QuotaAmounts> parse(Map<String, String> hard) {
        QuotaAmountsBuilder amounts = QuotaAmountsBuilder.builder();
        hard.forEach((name, amount) -> {
            switch (name) {
                case "vms" -> amounts.vms(number(name, amount));
                case "cores" -> amounts.cores(number(name, amount));
                case "memory" -> amounts.memory(bytes(name, amount));
                case "storage" -> amounts.storage(bytes(name, amount));
                case "backups" -> amounts.backups(number(name, amount));
                case "migrations" -> amounts.migrations(number(name, amount));
                default ->
                    throw new IllegalArgumentException(
                            name + " is none of vms, cores, memory, storage, backups, migrations");
            }
        });
        return hard.isEmpty() ? Optional.empty() : Optional.of(amounts.build());
    }

    private static long number(String name, String amount) {
        if (!amount.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException(name + " is no number: " + amount);
        }
        return Long.parseLong(amount);
    }

    /** Accepts one form only, so that the message about it shows what was meant. */
    private static Quantity bytes(String name, String amount) {
        if (!amount.matches("[0-9]{1,6}(Ki|Mi|Gi|Ti)?")) {
            throw new IllegalArgumentException(name + " is no amount of bytes such as 64Gi: " + amount);
        }
        return ByteSize.quantity(ByteSize.of(Quantity.parse(amount)));
    }
}
