package io.trustedlaunch.operator.console;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.api.vm.VMConsoleStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Duration;
import java.time.Instant;

/** Computes a console's status from the place of its VM. Pure. */
final class ConsoleStatus {
    /** A user who needs more time opens another console. */
    static final Duration LIFETIME = Duration.ofHours(1);

    private final ConsoleFacts facts;

    private ConsoleStatus(ConsoleFacts facts) {
        this.facts = facts;
    }

    static VMConsoleStatus of(ConsoleFacts facts) {
        return new ConsoleStatus(facts).status();
    }

    /** One that was created in the future is over. */
    static Duration left(VMConsole console, Instant now) {
        return RecordedTime.left(LIFETIME, created(console), now);
    }

    private static Instant created(VMConsole console) {
        return Instant.parse(console.getMetadata().getCreationTimestamp());
    }

    private VMConsoleStatus status() {
        String name = facts.console().getSpec().vmRef().name();
        if (facts.vm().isEmpty()) {
            return unavailable(
                    Reason.ConsolePending,
                    "there is no TrustedLaunchVM " + name
                            + " in this namespace; the console opens when it exists and runs");
        }
        TrustedLaunchVM vm = facts.vm().get();
        if (!vm.hasRunningGuest()) {
            return unavailable(
                    Reason.ConsolePending,
                    "VM " + name + " is not running"
                            + vm.status()
                                    .map(TrustedLaunchVMStatus::phase)
                                    .map(phase -> " (" + phase + ")")
                                    .orElse("")
                            + "; its console opens when it runs");
        }
        String node = vm.getStatus().nodeName();
        if (facts.node().filter(ClusterNode::offersConsoles).isEmpty()) {
            return unavailable(
                    Reason.ConsoleUnavailable,
                    "the agent of node " + node
                            + " serves no consoles: check that it is running, has its certificate, and was not started with"
                            + " --console-port 0");
        }
        ConsoleKind kind = facts.console().getSpec().kind();
        if (!facts.node().get().serves(kind)) {
            return unavailable(
                    Reason.ConsoleUnavailable,
                    "the agent of node " + node + " serves no console of kind " + kind + ": upgrade it");
        }
        return available(vm, facts.node().get());
    }

    private VMConsoleStatus available(TrustedLaunchVM vm, ClusterNode node) {
        String nodeName = node.getMetadata().getName();
        return status(
                nodeName,
                node.getStatus().address(),
                node.getStatus().consolePort(),
                facts.authority(),
                vm.identity(),
                vm.getStatus().epoch(),
                State.True,
                Reason.ConsoleOpen,
                "open on node " + nodeName + ", for the client whose key is in spec.clientKeySHA256");
    }

    private VMConsoleStatus unavailable(Reason reason, String message) {
        return status(null, null, null, null, null, null, State.False, reason, message);
    }

    private VMConsoleStatus status(
            String nodeName,
            String address,
            Integer port,
            String authority,
            String vmUid,
            Long epoch,
            State state,
            Reason reason,
            String message) {
        VMConsole console = facts.console();
        Conditions conditions = new Conditions(console, facts.now());
        return VMConsoleStatusBuilder.builder()
                .observedGeneration(console.getMetadata().getGeneration())
                .nodeName(nodeName)
                .address(address)
                .port(port)
                .authority(authority)
                .vmUID(vmUid)
                .epoch(epoch)
                .expirationTime(created(console).plus(LIFETIME).toString())
                .conditions(conditions.all(conditions.of(ConditionType.Open, state, reason, message)))
                .build();
    }
}
