package io.trustedlaunch.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AuditLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-01T12:00:00.123456Z"));

    /** A key that is missing here may hold a secret: think before you add it. */
    private static final Set<String> KEYS = Set.of(
            "audit",
            "time",
            "act",
            "outcome",
            "kind",
            "namespace",
            "name",
            "uid",
            "vm",
            "node",
            "epoch",
            "requestedBy",
            "approvedBy",
            "publicKey",
            "consoleKind",
            "bytes",
            "reason");

    private static final AuditEntry FULL = AuditEntry.success(
                    Act.ConsoleOpened, new AuditedObject("VMConsole", Optional.of("finance"), "payroll-x7k2p", "uid-1"))
            .vm(Optional.of("uid-2"))
            .node(Optional.of("host-a"))
            .epoch(Optional.of(3L))
            .requestedBy(Optional.of("ada"))
            .approvedBy(Optional.of("eve"))
            .publicKey(Optional.of("ab12"))
            .consoleKind(Optional.of("Screen"))
            .bytes(Optional.of(65536L))
            .reason(Optional.of("NodeApproved"))
            .build();

    private final List<String> lines = new ArrayList<>();
    private final AuditLog log = new AuditLog(CLOCK, lines::add);

    @Test
    void anActIsOneLineOfJson() {
        log.record(FULL);

        assertThat(lines)
                .containsExactly("{\"audit\":true,\"time\":\"2026-03-01T12:00:00.123Z\",\"act\":\"ConsoleOpened\","
                        + "\"outcome\":\"Success\",\"kind\":\"VMConsole\",\"namespace\":\"finance\","
                        + "\"name\":\"payroll-x7k2p\",\"uid\":\"uid-1\",\"vm\":\"uid-2\",\"node\":\"host-a\","
                        + "\"epoch\":3,\"requestedBy\":\"ada\",\"approvedBy\":\"eve\",\"publicKey\":\"ab12\","
                        + "\"consoleKind\":\"Screen\",\"bytes\":65536,\"reason\":\"NodeApproved\"}");
    }

    @Test
    void aLineHasOnlyTheKeysThatHoldNoSecret() throws Exception {
        log.record(FULL);

        assertThat(parsed().fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(KEYS);
        assertThat(Stream.of(AuditEntry.class.getRecordComponents()).map(component -> component.getName()))
                .allMatch(component -> component.equals("object") || KEYS.contains(component));
    }

    @Test
    void whatAnActDoesNotHaveIsLeftOut() throws Exception {
        log.record(AuditEntry.success(
                        Act.NodeRevoked, new AuditedObject("ClusterNode", Optional.empty(), "host-a", "uid-1"))
                .build());

        assertThat(parsed().fieldNames())
                .toIterable()
                .containsExactly("audit", "time", "act", "outcome", "kind", "name", "uid");
    }

    @Test
    void aNameBeginsNoLineOfItsOwn() throws Exception {
        String forged = "ada\"}\n{\"audit\":true,\"act\":\"KeyReleased\"}\r\n";
        log.record(
                AuditEntryBuilder.builder(FULL).requestedBy(Optional.of(forged)).build());

        assertThat(lines.getFirst()).doesNotContain("\n", "\r");
        assertThat(parsed().path("requestedBy").asText()).isEqualTo(forged);
    }

    @Test
    void aLogThatCannotBeWrittenStopsNoAct() {
        AuditLog broken = new AuditLog(CLOCK, line -> {
            throw new IllegalStateException("disk full");
        });

        assertThatCode(() -> broken.record(FULL)).doesNotThrowAnyException();
    }

    private JsonNode parsed() throws Exception {
        assertThat(lines).hasSize(1);
        return new ObjectMapper().readTree(lines.getFirst());
    }
}
