package io.trustedlaunch.agent.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.api.vm.VMConsoleStatusBuilder;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an agent believes of a VMConsole whose status names a guest on its node. */
class ConsoleSessionTest {
    private static final UUID PAYROLL = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final UUID TENANTS = UUID.fromString("11111111-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final Instant EXPIRY = Instant.parse("2026-03-01T12:00:00Z");

    private final Map<UUID, VMIncarnation> incarnations =
            Map.of(PAYROLL, incarnation("finance", "payroll", PAYROLL), TENANTS, incarnation("evil", "own", TENANTS));

    @Test
    void aConsoleOfItsOwnVmIsASession() {
        assertThat(session("finance", "payroll", PAYROLL, 3, "host-a")).hasValueSatisfying(session -> {
            assertThat(session.vm()).isEqualTo(PAYROLL);
            assertThat(session.kind()).isEqualTo(ConsoleKind.Screen);
            assertThat(session.epoch()).isEqualTo(3);
            assertThat(session.expiresAt()).isEqualTo(EXPIRY);
        });
    }

    /** Somebody with all rights in his own namespace writes the status of a VMConsole there. */
    @Test
    void aStatusThatNamesTheVmOfAnotherNamespaceIsNoSession() {
        assertThat(session("evil", "payroll", PAYROLL, 3, "host-a")).isEmpty();
        assertThat(session("evil", "own", PAYROLL, 3, "host-a")).isEmpty();
    }

    @Test
    void aStatusThatNamesAnotherVmEpochOrNodeThanTheAgentHasIsNoSession() {
        assertThat(session("finance", "other", PAYROLL, 3, "host-a")).isEmpty();
        assertThat(session("finance", "payroll", PAYROLL, 2, "host-a")).isEmpty();
        assertThat(session("finance", "payroll", PAYROLL, 4, "host-a")).isEmpty();
        assertThat(session("finance", "payroll", UUID.randomUUID(), 3, "host-a"))
                .isEmpty();
        assertThat(session("finance", "payroll", PAYROLL, 3, "host-b")).isEmpty();
    }

    private Optional<ConsoleSession> session(String namespace, String vmName, UUID vm, long epoch, String node) {
        return session(namespace, vmName, vm, epoch, node, EXPIRY.minus(Duration.ofHours(1)));
    }

    private Optional<ConsoleSession> session(
            String namespace, String vmName, UUID vm, long epoch, String node, Instant created) {
        VMConsole console = new VMConsole();
        console.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("console")
                .withUid("c")
                .withCreationTimestamp(created.toString())
                .build());
        console.setSpec(new VMConsoleSpec(new ObjectRef(vmName), ConsoleKind.Screen, "a".repeat(64), "mallory"));
        console.setStatus(VMConsoleStatusBuilder.builder()
                .nodeName(node)
                .vmUID(vm.toString())
                .epoch(epoch)
                .expirationTime(created.plus(Duration.ofHours(1)).toString())
                .build());
        return ConsoleSession.of(console, node, uid -> Optional.ofNullable(incarnations.get(uid)));
    }

    private static VMIncarnation incarnation(String namespace, String name, UUID vm) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef(namespace, name, vm.toString(), null))
                .epoch(3L)
                .nodeName("host-a")
                .build());
        return incarnation;
    }

    @Nested
    class Expiry extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofHours(1);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            return !session("finance", "payroll", PAYROLL, 3, "host-a", since)
                    .orElseThrow()
                    .isExpiredAt(now);
        }
    }
}
