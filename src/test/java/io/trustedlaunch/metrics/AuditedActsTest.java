package io.trustedlaunch.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditedObject;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuditedActsTest {
    @Test
    void actsAreCountedByTheirOutcome() {
        ProcessMetrics metrics = new ProcessMetrics();
        AuditedActs acts = new AuditedActs(metrics.registry());
        acts.accept(released());
        acts.accept(released());

        assertThat(metrics.scrape())
                .contains("\ntrusted_launch_audited_acts_total{act=\"KeyReleased\",outcome=\"Success\"} 2.0\n");
    }

    static AuditEntry released() {
        return AuditEntry.success(Act.KeyReleased, new AuditedObject("VMIncarnation", Optional.empty(), "vm-1", "uid"))
                .vm(Optional.empty())
                .node(Optional.empty())
                .epoch(Optional.empty())
                .requestedBy(Optional.empty())
                .approvedBy(Optional.empty())
                .publicKey(Optional.empty())
                .reason(Optional.empty())
                .build();
    }
}
