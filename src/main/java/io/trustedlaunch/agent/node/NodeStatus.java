package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** From what was found to what is told of a node; pure. */
final class NodeStatus {
    private NodeStatus() {}

    /** @param before what was told last: a condition keeps the time of its last turn */
    static ClusterNodeStatus of(NodeFacts facts, Optional<ClusterNodeStatus> before) {
        Optional<HostFacts> host = facts.hypervisor().found();
        return ClusterNodeStatusBuilder.builder()
                .observedGeneration(facts.generation())
                .address(facts.address())
                .capabilities(capabilities(facts, host))
                .capacity(
                        host.map(found -> new ClusterNodeStatus.Capacity(found.cores(), mebibytes(found.memoryBytes())))
                                // What was known stays known while libvirtd is away: the VMs that run still use it.
                                .or(() -> before.map(ClusterNodeStatus::capacity))
                                .orElse(null))
                .versions(new ClusterNodeStatus.Versions(
                        facts.agentVersion(),
                        host.map(HostFacts::libvirtVersion).orElse(null),
                        host.map(HostFacts::qemuVersion).orElse(null),
                        facts.tpm().found().orElse(null)))
                .networks(host.map(found -> List.copyOf(found.networks()))
                        .or(() -> before.map(ClusterNodeStatus::networks))
                        .orElse(List.of()))
                .storageLocations(facts.locations().entrySet().stream()
                        .map(entry -> location(entry.getKey(), entry.getValue(), before))
                        .toList())
                .sealingCertificate(facts.sealingCertificate().orElse(null))
                .conditions(List.of(ready(facts, before)))
                .migrationPort(boxed(facts.migrationPort()))
                .consolePort(boxed(facts.consolePort()))
                .build();
    }

    private static Integer boxed(OptionalInt port) {
        return port.isPresent() ? port.getAsInt() : null;
    }

    private static ClusterNodeStatus.Capabilities capabilities(NodeFacts facts, Optional<HostFacts> host) {
        return new ClusterNodeStatus.Capabilities(
                facts.tpm().found().isPresent(),
                host.map(HostFacts::secureBootFirmware).orElse(false),
                host.map(HostFacts::kvm).orElse(false),
                facts.emulation(),
                host.map(found -> found.acceleration().vbs()).orElse(false));
    }

    /** Binary, as Kubernetes tells memory; the page that does not make a mebibyte is nobody's. */
    private static Quantity mebibytes(long bytes) {
        return new Quantity((bytes >> 20) + "Mi");
    }

    private static ClusterNodeStatus.Location location(
            String name, LocationState sight, Optional<ClusterNodeStatus> before) {
        return new LocationReport(
                        name,
                        sight,
                        before.map(ClusterNodeStatus::storageLocations).filter(Objects::nonNull).stream()
                                .flatMap(List::stream)
                                .filter(told -> told.name().equals(name))
                                .findFirst())
                .location();
    }

    private record Verdict(boolean ready, Reason reason, String message) {}

    private static Condition ready(NodeFacts facts, Optional<ClusterNodeStatus> before) {
        Verdict verdict = verdict(facts);
        String status = verdict.ready() ? "True" : "False";
        return new ConditionBuilder()
                .withType(ConditionType.Ready.name())
                .withStatus(status)
                .withReason(verdict.reason().name())
                .withMessage(verdict.message())
                .withObservedGeneration(facts.generation())
                .withLastTransitionTime(lastTurn(before, status)
                        .orElseGet(() ->
                                DateTimeFormatter.ISO_INSTANT.format(facts.now().truncatedTo(ChronoUnit.SECONDS))))
                .build();
    }

    private static Verdict verdict(NodeFacts facts) {
        if (facts.shuttingDown()) {
            return new Verdict(
                    false,
                    Reason.HostShuttingDown,
                    "the host is to shut down: its guests are stopped, and none is started until it is back, or"
                            + " trusted-launch-stop-guests --cancel is run there");
        }
        if (facts.hypervisor() instanceof Failed<HostFacts>(String message)) {
            return new Verdict(false, Reason.HypervisorUnavailable, message);
        }
        HostFacts host = facts.hypervisor().found().orElseThrow();
        if (facts.tpm() instanceof Failed<String>(String message)) {
            return new Verdict(false, Reason.PreflightFailed, "no encrypted TPM can be made here: " + message);
        }
        if (!host.secureBootFirmware()) {
            return new Verdict(
                    false,
                    Reason.PreflightFailed,
                    "libvirt offers no UEFI firmware with Secure Boot and enrolled keys: install OVMF");
        }
        if (!host.kvm() && !facts.emulation()) {
            return new Verdict(
                    false,
                    Reason.EmulationNotAllowed,
                    "KVM does not work here: enable virtualization, or start the agent with --allow-emulation");
        }
        if (facts.sealingCertificate().isEmpty()) {
            return new Verdict(
                    false,
                    Reason.CertificatePending,
                    facts.certificatePending().orElse("the node's sealing certificate has not been issued yet"));
        }
        return new Verdict(true, Reason.NodeReady, Reason.NodeReady.appearsWhen());
    }

    private static Optional<String> lastTurn(Optional<ClusterNodeStatus> before, String status) {
        return before.map(ClusterNodeStatus::conditions).filter(Objects::nonNull).stream()
                .flatMap(List::stream)
                .filter(condition -> condition.getType().equals(ConditionType.Ready.name()))
                .filter(condition -> condition.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .findFirst();
    }
}
