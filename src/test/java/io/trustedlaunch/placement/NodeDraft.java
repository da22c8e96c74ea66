package io.trustedlaunch.placement;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capacity;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.testkit.Nodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A node with four cores and 8Gi for VMs that meets all requirements, except what a test changes. */
final class NodeDraft {
    static final long GIB = 1L << 30;
    static final Capabilities KVM = new Capabilities(true, true, true, false, false);
    static final Location READY = ClusterNodeStatusLocationBuilder.builder()
            .name("default")
            .ready(true)
            .build();

    static final List<String> INCARNATION_FIELDS = List.of("cores", "nics.network", "osType=Linux");

    private final String name;
    private List<String> incarnationFields = INCARNATION_FIELDS;
    private Maintenance maintenance = Maintenance.None;
    private Quantity memoryForVMs = new Quantity("8Gi");
    private String hostMemory = "16Gi";
    private OptionalLong memoryKeptFromPods = OptionalLong.empty();
    private Capabilities capabilities = KVM;
    private NodeVirtualization virtualization;
    private int cores = 4;
    private String qemu = "9.0.0";
    private String libtpms = "0.9.2";
    private Integer migrationPort = 16_515;
    private List<String> networks = List.of("default", "vlan-42");
    private List<Location> locations = List.of(READY);
    private List<Condition> conditions = List.of(Nodes.ENROLLED);
    private boolean reports = true;
    private Map<String, String> labels = Map.of("disk", "ssd");
    private final List<Taint> taints = new ArrayList<>();
    private boolean alive = true;
    private boolean answered = true;
    private boolean outOfService;
    private boolean unschedulable;
    private String certificateFault;
    private Allocated inUse = Allocated.NONE;
    private SharedLocations shared = SharedLocations.NONE;

    private NodeDraft(String name) {
        this.name = name;
    }

    static NodeDraft node(String name) {
        return new NodeDraft(name);
    }

    NodeDraft maintenance(Maintenance changed) {
        maintenance = changed;
        return this;
    }

    /** @param changed may be null */
    NodeDraft memoryForVMs(String changed) {
        memoryForVMs = changed == null ? null : new Quantity(changed);
        return this;
    }

    NodeDraft hostMemory(String changed) {
        hostMemory = changed;
        return this;
    }

    NodeDraft memoryKeptFromPods(long bytes) {
        memoryKeptFromPods = OptionalLong.of(bytes);
        return this;
    }

    NodeDraft capabilities(Capabilities changed) {
        capabilities = changed;
        return this;
    }

    /** By default its agent says nothing about that. */
    NodeDraft virtualization(NodeVirtualization changed) {
        virtualization = changed;
        return this;
    }

    NodeDraft cores(int changed) {
        cores = changed;
        return this;
    }

    /** @param changed null: not reported */
    NodeDraft libtpms(String changed) {
        libtpms = changed;
        return this;
    }

    NodeDraft incarnationFields(String... changed) {
        incarnationFields = List.of(changed);
        return this;
    }

    NodeDraft qemu(String changed) {
        qemu = changed;
        return this;
    }

    NodeDraft noMigrationPort() {
        migrationPort = null;
        return this;
    }

    NodeDraft networks(String... changed) {
        networks = List.of(changed);
        return this;
    }

    NodeDraft locations(Location... changed) {
        locations = List.of(changed);
        return this;
    }

    NodeDraft condition(Condition condition) {
        conditions = List.of(Nodes.ENROLLED, condition);
        return this;
    }

    NodeDraft notEnrolled() {
        conditions = List.of(Nodes.NOT_ENROLLED);
        return this;
    }

    NodeDraft withoutStatus() {
        reports = false;
        return this;
    }

    NodeDraft labels(Map<String, String> changed) {
        labels = changed;
        return this;
    }

    NodeDraft taint(String key, String value, TaintEffect effect) {
        taints.add(new Taint(key, value, effect));
        return this;
    }

    NodeDraft agentNotResponding() {
        alive = false;
        return this;
    }

    NodeDraft notAnswered() {
        answered = false;
        return this;
    }

    NodeDraft outOfService() {
        outOfService = true;
        return this;
    }

    NodeDraft unschedulable() {
        unschedulable = true;
        return this;
    }

    NodeDraft certificateFault(String fault) {
        certificateFault = fault;
        return this;
    }

    NodeDraft inUse(int usedCores, long usedMemory) {
        inUse = new Allocated(usedCores, usedMemory);
        return this;
    }

    NodeDraft shared(SharedLocations changed) {
        shared = changed;
        return this;
    }

    NodeInfo info() {
        ClusterNodeStatus status = ClusterNodeStatusBuilder.builder()
                .observedGeneration(1L)
                .capabilities(capabilities)
                .virtualization(virtualization)
                .capacity(new Capacity(cores, new Quantity(hostMemory)))
                .versions(new Versions("1", "11.3.0", qemu, "0.10", libtpms))
                .incarnationFields(incarnationFields)
                .networks(networks)
                .storageLocations(locations)
                .sealingCertificate("pem")
                .conditions(conditions)
                .address("192.0.2.1")
                .migrationPort(migrationPort)
                .build();
        return NodeInfoBuilder.builder()
                .name(name)
                .spec(new ClusterNodeSpec("192.0.2.1", maintenance, memoryForVMs, null))
                .status(reports ? status : null)
                .labels(labels)
                .taints(List.copyOf(taints))
                .agentAlive(alive)
                .answered(answered)
                .outOfService(outOfService)
                .unschedulable(unschedulable)
                .memoryKeptFromPods(memoryKeptFromPods)
                .certificateFault(Optional.ofNullable(certificateFault))
                .inUse(inUse)
                .shared(shared)
                .build();
    }
}
