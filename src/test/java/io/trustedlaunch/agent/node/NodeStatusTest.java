package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.location.LocationStateBuilder;
import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Found;
import io.trustedlaunch.agent.tpm.Libtpms;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.testkit.Nodes;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NodeStatusTest {
    private static final NodeVirtualization NOT_NESTED =
            new NodeVirtualization(null, Nested.None, "KVM does not work on the host", false);

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Finding<SwtpmFacts> TPM = new Found<>(new SwtpmFacts("0.7.1", new Libtpms(Optional.empty())));
    private static final Optional<String> CERTIFICATE = Optional.of("-----BEGIN CERTIFICATE-----");

    @Test
    void aNodeThatPassesAllChecksIsReady() {
        ClusterNodeStatus status = status(new Found<>(host(true, true)), TPM, false, CERTIFICATE);

        assertThat(ready(status).getReason()).isEqualTo(Reason.PreflightPassed.name());
        assertThat(status.address()).isEqualTo("192.0.2.1");
        assertThat(status.networks()).containsExactly("vlan-1", "vlan-2");
        assertThat(status.capacity().memory().toString()).isEqualTo("4096Mi");
    }

    @Test
    void problemsAreReportedOneAtATime() {
        assertThat(reason(new Failed<>("down"), TPM, false, CERTIFICATE)).isEqualTo(Reason.HypervisorUnavailable);
        assertThat(reason(new Found<>(host(true, true)), new Failed<>("no swtpm"), false, CERTIFICATE))
                .isEqualTo(Reason.PreflightFailed);
        assertThat(reason(new Found<>(host(true, false)), TPM, false, CERTIFICATE))
                .isEqualTo(Reason.PreflightFailed);
        assertThat(reason(new Found<>(host(false, true)), TPM, false, CERTIFICATE))
                .isEqualTo(Reason.EmulationNotAllowed);
        assertThat(reason(new Found<>(host(false, true)), TPM, true, Optional.empty()))
                .isEqualTo(Reason.CertificatePending);
        assertThat(reason(new Found<>(host(false, true)), TPM, true, CERTIFICATE))
                .isEqualTo(Reason.PreflightPassed);
    }

    @Test
    void whatAHostLacksIsReportedBeforeItsDaemonIsMissed() {
        ClusterNodeStatus status = status(
                new Failed<>("libvirtd does not respond"), new Failed<>("this node lacks swtpm"), false, CERTIFICATE);

        assertThat(ready(status).getReason()).isEqualTo(Reason.PreflightFailed.name());
        assertThat(ready(status).getMessage()).isEqualTo("this node lacks swtpm");
    }

    @Test
    void theMachineIsReportedAndKeptWhileLibvirtDoesNotAnswer() {
        HostFacts host = HostFactsBuilder.builder(host(true, true))
                .machineUUID(Optional.of("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf"))
                .build();
        ClusterNodeStatus status = status(new Found<>(host), TPM, false, CERTIFICATE);
        assertThat(status.machineUUID()).isEqualTo("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");

        ClusterNodeStatus later = NodeStatus.of(
                facts(new Failed<>("libvirtd does not respond"), TPM, false, CERTIFICATE, NOW), Optional.of(status));
        assertThat(later.machineUUID()).isEqualTo("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");
    }

    @Test
    void onlyNestedVirtualizationThatWasSeenIsACapabilityAndAllIsKeptWhileLibvirtDoesNotAnswer() {
        for (Nested nested : Nested.values()) {
            NodeVirtualization found = new NodeVirtualization(ProcessorVendor.AMD, nested, "seen", false);
            HostFacts host = HostFactsBuilder.builder(host(true, true))
                    .virtualization(found)
                    .build();
            ClusterNodeStatus status = status(new Found<>(host), TPM, false, CERTIFICATE);
            assertThat(status.virtualization()).isEqualTo(found);
            assertThat(status.capabilities().virtualizationBasedSecurity()).isEqualTo(nested == Nested.Proved);

            ClusterNodeStatus later = NodeStatus.of(
                    facts(new Failed<>("libvirtd does not respond"), TPM, false, CERTIFICATE, NOW),
                    Optional.of(status));
            assertThat(later.virtualization()).isEqualTo(found);
        }
    }

    @Test
    void theVersionsAreThoseOfTheHost() {
        ClusterNodeStatus status = status(new Found<>(host(true, true)), TPM, false, CERTIFICATE);

        assertThat(status.versions().swtpm()).isEqualTo("0.7.1");
        assertThat(status.versions().libtpms()).isEqualTo("0.9.2");
    }

    @Test
    void theFieldsOfMachinesThatTheAgentKnowsAreReportedFromAnyHost() {
        ClusterNodeStatus status = status(new Failed<>("down"), new Failed<>("no swtpm"), false, CERTIFICATE);

        assertThat(status.incarnationFields())
                .contains(
                        "approvedGuestState.epoch",
                        "arrival.left",
                        "machine.nics.trafficFilter",
                        "machine.osType=Windows");
    }

    @Test
    void aNodeThatCannotCloseItsMigrationPortsIsNotReady() {
        NodeFacts open = NodeFactsBuilder.builder(facts(new Found<>(host(true, true)), TPM, false, CERTIFICATE, NOW))
                .portsProblem(Optional.of("cannot run nft: No such file or directory"))
                .build();

        Condition ready = ready(NodeStatus.of(open, Optional.empty()));

        assertThat(ready.getReason()).isEqualTo(Reason.PreflightFailed.name());
        assertThat(ready.getMessage())
                .isEqualTo("this node cannot close its migration ports to other hosts: cannot run nft: No such file or"
                        + " directory; install nftables on it, or start the agent with --migration-port 0");
    }

    @Test
    void aNodeThatIsNotEnrolledSaysSoInsteadOfBlamingTheOperator() {
        NodeFacts waiting = NodeFactsBuilder.builder(
                        facts(new Found<>(host(true, true)), TPM, false, Optional.empty(), NOW))
                .certificatePending(Optional.of("the request is not answered yet"))
                .build();

        assertThat(message(waiting, Nodes.NOT_ENROLLED)).isEqualTo(Nodes.NOT_ENROLLED.getMessage());
        assertThat(message(waiting, Nodes.ENROLLED)).isEqualTo("the request is not answered yet");
    }

    private static String message(NodeFacts facts, Condition enrolled) {
        ClusterNodeStatus before = Nodes.status().conditions(List.of(enrolled)).build();
        return ready(NodeStatus.of(facts, Optional.of(before))).getMessage();
    }

    @Test
    void aMessageThatTheApiServerWouldRejectIsCutOff() {
        ClusterNodeStatus status =
                status(new Found<>(host(true, true)), new Failed<>("x".repeat(40_000)), false, CERTIFICATE);

        assertThat(ready(status).getMessage()).hasSize(4096);
    }

    @Test
    void aHostWithAnAnnouncedShutdownIsNotReady() {
        NodeFacts able = facts(new Found<>(host(true, true)), TPM, false, CERTIFICATE, NOW);
        NodeFacts shuttingDown =
                NodeFactsBuilder.builder(able).shuttingDown(true).build();

        ClusterNodeStatus status = NodeStatus.of(shuttingDown, Optional.empty());

        assertThat(status.isNotReadyFor(Reason.HostShuttingDown)).isTrue();
        assertThat(NodeStatus.of(able, Optional.of(status)).isNotReadyFor(Reason.HostShuttingDown))
                .isFalse();
    }

    @Test
    void capacityAndNetworksAreKeptWhileLibvirtIsDown() {
        ClusterNodeStatus before = status(new Found<>(host(true, true)), TPM, false, CERTIFICATE);

        ClusterNodeStatus now = NodeStatus.of(
                facts(new Failed<>("down"), TPM, false, CERTIFICATE, NOW.plusSeconds(60)), Optional.of(before));

        assertThat(now.capacity()).isEqualTo(before.capacity());
        assertThat(now.networks()).isEqualTo(before.networks());
        assertThat(ready(now).getLastTransitionTime()).isEqualTo("2026-03-01T12:01:00Z");
    }

    @Test
    void theSameFactsGiveTheSameStatus() {
        ClusterNodeStatus before = status(new Found<>(host(true, true)), TPM, false, CERTIFICATE);

        assertThat(NodeStatus.of(
                        facts(new Found<>(host(true, true)), TPM, false, CERTIFICATE, NOW.plusSeconds(60)),
                        Optional.of(before)))
                .isEqualTo(before);
    }

    @Test
    void aClosedLocationHasAReasonAndTheNodeStaysReady() {
        ClusterNodeStatus status = status(new Found<>(host(true, true)), TPM, false, CERTIFICATE);

        assertThat(status.storageLocations())
                .containsExactly(
                        ClusterNodeStatusLocationBuilder.builder()
                                .name("closed")
                                .ready(false)
                                .reason(Reason.LocationNotRestricted.name())
                                .message("chmod 0710")
                                .build(),
                        ClusterNodeStatusLocationBuilder.builder()
                                .name("default")
                                .ready(true)
                                .reason(Reason.LocationReady.name())
                                .message(Reason.LocationReady.appearsWhen())
                                .freeSpace(new Quantity("64Mi"))
                                .token("token")
                                .peers(List.of())
                                .build());
    }

    private static Reason reason(
            Finding<HostFacts> host, Finding<SwtpmFacts> tpm, boolean emulation, Optional<String> certificate) {
        return Reason.valueOf(ready(status(host, tpm, emulation, certificate)).getReason());
    }

    private static ClusterNodeStatus status(
            Finding<HostFacts> host, Finding<SwtpmFacts> tpm, boolean emulation, Optional<String> certificate) {
        return NodeStatus.of(facts(host, tpm, emulation, certificate, NOW), Optional.empty());
    }

    private static NodeFacts facts(
            Finding<HostFacts> host,
            Finding<SwtpmFacts> tpm,
            boolean emulation,
            Optional<String> certificate,
            Instant now) {
        Map<String, LocationState> locations = Map.of(
                "default",
                location(Optional.empty()),
                "closed",
                location(Optional.of(new Problem(Reason.LocationNotRestricted, "chmod 0710"))));
        return NodeFactsBuilder.builder()
                .address("192.0.2.1")
                .hypervisor(host)
                .tpm(tpm)
                .libtpms(tpm.found().map(found -> "0.9.2"))
                .emulation(emulation)
                .shuttingDown(false)
                .sealingCertificate(certificate)
                .locations(new TreeMap<>(locations))
                .backupFolders(List.of())
                .migrationPort(OptionalInt.of(16515))
                .consolePort(OptionalInt.of(16516))
                .agentVersion("0.1")
                .generation(1)
                .now(now)
                .build();
    }

    private static LocationState location(Optional<Problem> problem) {
        return LocationStateBuilder.builder()
                .problem(problem)
                .freeBytes(70L << 20)
                .token(Optional.of("token"))
                .peers(List.of())
                .build();
    }

    private static HostFacts host(boolean kvm, boolean firmware) {
        return HostFactsBuilder.builder()
                .libvirtVersion("9.0.0")
                .qemuVersion("7.2.0")
                .emulator(Path.of("/usr/bin/qemu-system-x86_64"))
                .cores(4)
                .memoryBytes(4L << 30)
                .kvm(kvm)
                .secureBootFirmware(firmware)
                .firmware(List.of())
                .virtualization(NOT_NESTED)
                .networks(new TreeSet<>(List.of("vlan-2", "vlan-1")))
                .build();
    }

    private static Condition ready(ClusterNodeStatus status) {
        return status.conditions().getFirst();
    }
}
