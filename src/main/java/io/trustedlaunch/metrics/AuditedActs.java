package io.trustedlaunch.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.trustedlaunch.audit.AuditEntry;
import java.util.function.Consumer;

/** Counts the entries of the process's audit log. */
public record AuditedActs(MeterRegistry registry) implements Consumer<AuditEntry> {
    @Override
    public void accept(AuditEntry entry) {
        Counter.builder("trusted.launch.audited.acts")
                .description(
                        "Acts in this process's audit log, such as KeyReleased or ConsoleOpened; `docs/security.md`"
                                + " lists them")
                .tag("act", entry.act().name())
                .tag("outcome", entry.outcome().name())
                .register(registry)
                .increment();
    }
}
