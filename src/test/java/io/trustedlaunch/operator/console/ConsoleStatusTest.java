package io.trustedlaunch.operator.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ConsoleStatusTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:10:00Z");

    private final VMConsole console = Serialization.unmarshal("""
            metadata: {namespace: finance, name: payroll-x7k2p, generation: 1, creationTimestamp: "2026-03-01T12:00:00Z"}
            spec: {vmRef: {name: payroll}, clientKeySHA256: ab, requestedBy: ada}
            """, VMConsole.class);

    @Test
    void theConsoleOfARunningVmIsServedByTheAgentOfItsNode() {
        VMConsoleStatus status = of(vm("True"), node("{address: 192.0.2.10, consolePort: 16516}"));

        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.address()).isEqualTo("192.0.2.10");
        assertThat(status.port()).isEqualTo(16516);
        assertThat(status.authority()).isEqualTo("PEM");
        assertThat(status.vmUID()).isEqualTo("uid-of-payroll");
        assertThat(status.epoch()).isEqualTo(3);
        assertThat(status.expirationTime()).isEqualTo("2026-03-01T13:00:00Z");
        assertIs(status, "True", Reason.ConsoleOpen);
    }

    @Test
    void aVmThatIsNotRunningHasNoConsoleAndItsPhaseIsNamed() {
        VMConsoleStatus status = of(vm("False"), node("{address: 192.0.2.10, consolePort: 16516}"));

        assertThat(status.nodeName()).isNull();
        assertThat(status.authority()).isNull();
        assertIs(status, "False", Reason.ConsolePending);
        assertThat(open(status).getMessage()).contains("VM payroll is not running");
    }

    @Test
    void aMissingVmIsNamed() {
        VMConsoleStatus status = of(Optional.empty(), Optional.empty());

        assertIs(status, "False", Reason.ConsolePending);
        assertThat(open(status).getMessage()).contains("no TrustedLaunchVM payroll");
    }

    @Test
    void anAgentWithoutAConsolePortIsNamedWithTheNextStep() {
        for (Optional<ClusterNode> node : List.of(node("{}"), Optional.<ClusterNode>empty())) {
            VMConsoleStatus status = of(vm("True"), node);

            assertThat(status.nodeName()).isNull();
            assertIs(status, "False", Reason.ConsoleUnavailable);
            assertThat(open(status).getMessage()).contains("node host-a", "--console-port");
        }
    }

    /** It would connect the client to the serial console. */
    @Test
    void anAgentThatDoesNotKnowScreensGetsNone() {
        console.setSpec(new VMConsoleSpec(new ObjectRef("payroll"), ConsoleKind.Screen, "ab", "ada"));

        for (String kinds : List.of("", ", consoleKinds: [Serial]")) {
            VMConsoleStatus status = of(vm("True"), node("{address: 192.0.2.10, consolePort: 16516" + kinds + "}"));
            assertThat(status.nodeName()).isNull();
            assertIs(status, "False", Reason.ConsoleUnavailable);
            assertThat(open(status).getMessage()).contains("node host-a", "kind Screen", "upgrade it");
        }
        VMConsoleStatus open =
                of(vm("True"), node("{address: 192.0.2.10, consolePort: 16516, consoleKinds: [Serial, Screen]}"));
        assertIs(open, "True", Reason.ConsoleOpen);
        assertThat(ConsoleEvents.of(console, open))
                .containsExactly(EventDraft.normal(
                        Reason.ConsoleOpen, "the screen of VM payroll is open on node host-a for ada"));
    }

    @Test
    void anUnchangedStatusIsNotWrittenAgain() {
        VMConsoleStatus first = of(vm("True"), node("{address: 192.0.2.10, consolePort: 16516}"));
        console.setStatus(first);

        VMConsoleStatus later = ConsoleStatus.of(new ConsoleFacts(
                console, vm("True"), node("{address: 192.0.2.10, consolePort: 16516}"), "PEM", NOW.plusSeconds(600)));

        assertThat(later).isEqualTo(first);
    }

    @Test
    void anEventSaysWhoAskedForItOnceTheConsoleOpens() {
        VMConsoleStatus open = of(vm("True"), node("{address: 192.0.2.10, consolePort: 16516}"));
        assertThat(ConsoleEvents.of(console, open))
                .singleElement()
                .isEqualTo(EventDraft.normal(
                        Reason.ConsoleOpen, "the serial console of VM payroll is open on node host-a for ada"));
        assertThat(ConsoleEvents.of(console, of(Optional.empty(), Optional.empty())))
                .isEmpty();

        console.setStatus(open);
        assertThat(ConsoleEvents.of(console, open)).isEmpty();
    }

    private VMConsoleStatus of(Optional<TrustedLaunchVM> vm, Optional<ClusterNode> node) {
        return ConsoleStatus.of(new ConsoleFacts(console, vm, node, "PEM", NOW));
    }

    private static Optional<TrustedLaunchVM> vm(String running) {
        return Optional.of(Serialization.unmarshal("""
                metadata: {namespace: finance, name: payroll, uid: uid-of-payroll}
                status:
                  nodeName: host-a
                  epoch: 3
                  conditions: [{type: Running, status: "%s"}]
                """.formatted(running), TrustedLaunchVM.class));
    }

    private static Optional<ClusterNode> node(String status) {
        return Optional.of(Serialization.unmarshal("""
                metadata: {name: host-a}
                spec: {}
                status: %s
                """.formatted(status), ClusterNode.class));
    }

    private static void assertIs(VMConsoleStatus status, String state, Reason reason) {
        assertThat(open(status).getStatus()).isEqualTo(state);
        assertThat(open(status).getReason()).isEqualTo(reason.name());
    }

    private static Condition open(VMConsoleStatus status) {
        return ConditionType.Open.in(status.conditions()).orElseThrow();
    }

    @Nested
    class Expiry extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return ConsoleStatus.LIFETIME;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            console.getMetadata().setCreationTimestamp(since.toString());
            return ConsoleStatus.left(console, now).isPositive();
        }
    }
}
