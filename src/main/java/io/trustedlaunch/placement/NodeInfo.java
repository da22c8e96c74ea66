package io.trustedlaunch.placement;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.NodeVirtualization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * The facts about a node that placement uses.
 *
 * @param labels of the Kubernetes Node of the same name
 * @param taints of the Kubernetes Node
 * @param answered its agent has answered the present leader of the operator
 * @param outOfService the Kubernetes Node has the taint out-of-service
 * @param unschedulable the Kubernetes Node is cordoned
 * @param memoryKeptFromPods by the node's kubelet, in bytes; empty if it reports no memory, so that no pod gets any
 * @param certificateFault why nothing can be sealed to the node; empty if its certificate is usable
 * @param sealingKey the identifier of the key that is certified; empty if its certificate is not usable
 * @param inUse allocated to VMs on this node, or assumed for VMs that were just placed on it
 * @param shared which nodes have the same folder in a storage location
 * @param powerFencing it has a FenceDevice that is ready, and whose answer proves that the machine is off
 */
@RecordBuilder
public record NodeInfo(
        String name,
        ClusterNodeSpec spec,
        ClusterNodeStatus status,
        Map<String, String> labels,
        List<Taint> taints,
        boolean agentAlive,
        boolean answered,
        boolean outOfService,
        boolean unschedulable,
        OptionalLong memoryKeptFromPods,
        Optional<String> certificateFault,
        Optional<String> sealingKey,
        Allocated inUse,
        SharedLocations shared,
        boolean powerFencing) {

    /** Reserved for the host unless spec.memoryForVMs is set. */
    public static final long HOST_RESERVE = 2L << 30;

    private static final String HOSTNAME = "kubernetes.io/hostname";

    long freeMemory() {
        return memoryForVMs() - inUse.memoryBytes();
    }

    /** Otherwise it gets no VM, and no VM migrates to it or from it. */
    public boolean isEnrolled() {
        return Enrolment.isEnrolled(Optional.ofNullable(status));
    }

    /** More is allocated than the node has, as far as it has reported that. */
    public boolean isOverAllocated(PlacementPolicy policy) {
        return cores() > 0 && (freeMemory() < 0 || inUse.cores() > coresForVMs(policy));
    }

    /** The memory that was set for VMs is theirs alone: no more than the kubelet keeps from pods, nor than the host has. */
    long memoryForVMs() {
        if (status == null || status.capacity() == null) {
            return 0;
        }
        long memory = ByteSize.of(status.capacity().memory());
        return spec.memoryForVMs() == null
                ? memory - HOST_RESERVE
                : Math.min(memory, Math.min(ByteSize.of(spec.memoryForVMs()), memoryKeptFromPods.orElse(memory)));
    }

    /** Pods may take what spec.memoryForVMs gives to VMs, so VMs do not get all of it. */
    boolean lacksReservation() {
        return spec.memoryForVMs() != null
                && memoryKeptFromPods.isPresent()
                && memoryKeptFromPods.getAsLong() < ByteSize.of(spec.memoryForVMs());
    }

    int cores() {
        return status == null || status.capacity() == null
                ? 0
                : status.capacity().cores();
    }

    int coresForVMs(PlacementPolicy policy) {
        return (int) Math.floor(cores() * policy.coresOvercommit());
    }

    /** The boot of its host in which its agent answered last, whichever leader it was. */
    public Optional<String> boot() {
        return Optional.ofNullable(status).map(ClusterNodeStatus::answer).map(Answer::bootID);
    }

    /** What the node's agent says about nested virtualization; empty: nothing, or it does not know the question. */
    public Optional<NodeVirtualization> virtualization() {
        return Optional.ofNullable(status).map(ClusterNodeStatus::virtualization);
    }

    /** The version of a program on the host, as its agent reports it. */
    public Optional<String> version(Function<Versions, String> program) {
        return Optional.ofNullable(status).map(ClusterNodeStatus::versions).map(program);
    }

    /** Its agent knows those fields of a VMIncarnation. */
    public boolean knows(Set<String> fields) {
        return knowsAllFields() || incarnationFields().containsAll(fields);
    }

    /** Its agent is of the operator's own build. */
    boolean knowsAllFields() {
        return incarnationFields().equals(IncarnationFields.KNOWN);
    }

    List<String> incarnationFields() {
        return status == null ? List.of() : status.incarnationFields();
    }

    List<String> networks() {
        return status == null ? List.of() : status.networks();
    }

    /** The domain that the node is in; empty if it has no such label. A host without a Kubernetes Node has a hostname too. */
    Optional<String> topologyDomain(String topologyKey) {
        return topologyKey.equals(HOSTNAME) ? Optional.of(name) : Optional.ofNullable(labels.get(topologyKey));
    }

    /** Whether both nodes are proved to have the same folder in the location; true for the node itself. */
    public boolean sharesLocation(String location, String withNode) {
        return shared.areOneFolder(location, name, withNode);
    }

    /** Whether other nodes see the locks that this node holds in the location; empty if that is not known. */
    public Optional<Boolean> areLocksShared(String location) {
        return shared.areLocksShared(location, name);
    }

    Optional<Location> location(String name) {
        return status == null
                ? Optional.empty()
                : status.storageLocations().stream()
                        .filter(location -> location.name().equals(name))
                        .findFirst();
    }
}
