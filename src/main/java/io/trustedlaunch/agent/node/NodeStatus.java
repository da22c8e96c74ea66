package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.ConsoleKind;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** Builds a node's status; pure. */
final class NodeStatus {
    private NodeStatus() {}

    /** @param before the last status: a condition keeps its last transition time */
    static ClusterNodeStatus of(NodeFacts facts, Optional<ClusterNodeStatus> before) {
        Optional<HostFacts> host = facts.hypervisor().found();
        return ClusterNodeStatusBuilder.builder()
                .observedGeneration(facts.generation())
                .address(facts.address())
                .capabilities(capabilities(facts, host))
                .virtualization(host.map(HostFacts::virtualization)
                        .or(() -> before.map(ClusterNodeStatus::virtualization))
                        .orElse(null))
                .capacity(
                        host.map(found -> new ClusterNodeStatus.Capacity(found.cores(), mebibytes(found.memoryBytes())))
                                // Kept while libvirtd is down: running VMs still use the capacity.
                                .or(() -> before.map(ClusterNodeStatus::capacity))
                                .orElse(null))
                .versions(new ClusterNodeStatus.Versions(
                        facts.agentVersion(),
                        host.map(HostFacts::libvirtVersion).orElse(null),
                        host.map(HostFacts::qemuVersion).orElse(null),
                        facts.tpm().found().map(SwtpmFacts::version).orElse(null),
                        facts.libtpms().orElse(null)))
                .incarnationFields(IncarnationFields.KNOWN)
                .networks(host.map(found -> List.copyOf(found.networks()))
                        .or(() -> before.map(ClusterNodeStatus::networks))
                        .orElse(List.of()))
                .storageLocations(facts.locations().entrySet().stream()
                        .map(entry -> location(entry.getKey(), entry.getValue(), before))
                        .toList())
                .backupFolders(facts.backupFolders())
                .sealingCertificate(facts.sealingCertificate().orElse(null))
                .conditions(List.of(ready(facts, before)))
                .migrationPort(boxed(facts.migrationPort()))
                .consolePort(boxed(facts.consolePort()))
                .consoleKinds(ConsoleKind.names())
                .machineUUID(host.flatMap(HostFacts::machineUUID)
                        .or(() -> before.map(ClusterNodeStatus::machineUUID))
                        .orElse(null))
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
                host.map(found -> found.virtualization().nested() == Nested.Proved)
                        .orElse(false));
    }

    /** Rounds down to binary units, as Kubernetes shows memory. */
    private static Quantity mebibytes(long bytes) {
        return new Quantity((bytes >> 20) + "Mi");
    }

    private static ClusterNodeStatus.Location location(
            String name, LocationState state, Optional<ClusterNodeStatus> before) {
        return new LocationReport(
                        name,
                        state,
                        before.map(ClusterNodeStatus::storageLocations).filter(Objects::nonNull).stream()
                                .flatMap(List::stream)
                                .filter(reported -> reported.name().equals(name))
                                .findFirst())
                .location();
    }

    private static Condition ready(NodeFacts facts, Optional<ClusterNodeStatus> before) {
        Optional<Problem> problem = problem(facts, before);
        String status = problem.isEmpty() ? "True" : "False";
        return new ConditionBuilder()
                .withType(ConditionType.HostReady.name())
                .withStatus(status)
                .withReason(problem.map(Problem::reason)
                        .orElse(Reason.PreflightPassed)
                        .name())
                .withMessage(
                        Messages.bounded(problem.map(Problem::message).orElseGet(Reason.PreflightPassed::appearsWhen)))
                .withObservedGeneration(facts.generation())
                .withLastTransitionTime(lastTransition(before, status)
                        .orElseGet(() ->
                                DateTimeFormatter.ISO_INSTANT.format(facts.now().truncatedTo(ChronoUnit.SECONDS))))
                .build();
    }

    private static Optional<Problem> problem(NodeFacts facts, Optional<ClusterNodeStatus> before) {
        if (facts.shuttingDown()) {
            return problem(
                    Reason.HostShuttingDown,
                    "the host is shutting down: its guests are stopped, and none is started until the host is up again."
                            + " To cancel, run trusted-launch-stop-guests --cancel on the host");
        }
        // First, since a host without libvirt's packages has no daemon either.
        if (facts.tpm() instanceof Failed<SwtpmFacts>(String message)) {
            return problem(Reason.PreflightFailed, message);
        }
        if (facts.hypervisor() instanceof Failed<HostFacts>(String message)) {
            return problem(Reason.HypervisorUnavailable, message);
        }
        HostFacts host = facts.hypervisor().found().orElseThrow();
        if (!host.secureBootFirmware()) {
            return problem(
                    Reason.PreflightFailed,
                    "this node has no UEFI firmware with Secure Boot and enrolled keys; install OVMF");
        }
        if (facts.portsProblem().isPresent()) {
            return problem(
                    Reason.PreflightFailed,
                    "this node cannot close its migration ports to other hosts: "
                            + facts.portsProblem().get()
                            + "; install nftables on it, or start the agent with --migration-port 0");
        }
        if (!host.kvm() && !facts.emulation()) {
            return problem(
                    Reason.EmulationNotAllowed,
                    "KVM does not work on this node; enable virtualization in its firmware, or start the agent with --allow-emulation");
        }
        if (facts.sealingCertificate().isEmpty()) {
            return problem(
                    Reason.CertificatePending,
                    notEnrolled(before)
                            .or(facts::certificatePending)
                            .orElse("the node's sealing certificate has not been issued yet; check that the operator"
                                    + " is running"));
        }
        return Optional.empty();
    }

    /** The operator's message on why the node is not enrolled. */
    private static Optional<String> notEnrolled(Optional<ClusterNodeStatus> before) {
        return before.flatMap(status -> ConditionType.Enrolled.in(status.conditions()))
                .filter(enrolled -> !enrolled.getStatus().equals("True"))
                .map(Condition::getMessage);
    }

    private static Optional<Problem> problem(Reason reason, String message) {
        return Optional.of(new Problem(reason, message));
    }

    private static Optional<String> lastTransition(Optional<ClusterNodeStatus> before, String status) {
        return before.map(ClusterNodeStatus::conditions)
                .flatMap(ConditionType.HostReady::in)
                .filter(condition -> condition.getStatus().equals(status))
                .map(Condition::getLastTransitionTime);
    }
}
