package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LogFieldsTest {
    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void aThreadHasTheFieldsOfItsVmUntilTheyAreClosed() {
        MDC.put("resource.kind", "TrustedLaunchVM");
        try (LogFields outer = LogFields.ofVm("team-a", "web", Optional.of(3L), Optional.of("host-a"))) {
            assertThat(MDC.getCopyOfContextMap())
                    .isEqualTo(Map.of(
                            "resource.kind", "TrustedLaunchVM", "vm", "team-a/web", "epoch", "3", "node", "host-a"));
            try (LogFields inner = LogFields.ofVm("team-b", "db", Optional.empty(), Optional.empty())) {
                assertThat(MDC.get("vm")).isEqualTo("team-b/db");
            }
            assertThat(MDC.get("vm")).isEqualTo("team-a/web");
        }
        assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("resource.kind", "TrustedLaunchVM"));
    }
}
