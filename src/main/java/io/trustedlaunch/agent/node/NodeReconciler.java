package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.periodic.Periodic;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers this host's ClusterNode, keeps its status up to date, and writes the inventory for a new leader. */
public final class NodeReconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeReconciler.class);
    private static final String LEADER_LEASE = "trusted-launch-operator";
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final long RETRY_SECONDS = 5;

    private final SharedIndexInformer<ClusterNode> node;
    private final SharedIndexInformer<StorageLocation> locations;
    private final SharedIndexInformer<Lease> leader;
    private final NodeGatherer gatherer;
    private final Supplier<List<ClusterNodeStatus.Domain>> incarnations;
    private final AgentWriter writer;
    private final Supplier<String> address;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("node").factory());
    private volatile String leaderIdentity = "";

    /** @param address with which the node is registered if it does not exist */
    public NodeReconciler(
            KubernetesClient client,
            String namespace,
            String nodeName,
            NodeGatherer gatherer,
            Supplier<List<ClusterNodeStatus.Domain>> incarnations,
            AgentWriter writer,
            Supplier<String> address) {
        this.node = client.resources(ClusterNode.class).withName(nodeName).runnableInformer(0);
        this.locations = client.resources(StorageLocation.class).runnableInformer(0);
        this.leader =
                client.leases().inNamespace(namespace).withName(LEADER_LEASE).runnableInformer(0);
        this.gatherer = gatherer;
        this.incarnations = incarnations;
        this.writer = writer;
        this.address = address;
    }

    public void start() {
        ChangeHandler.start(node, changed -> wake(), this::wake);
        ChangeHandler.start(locations, changed -> wake(), this::wake);
        ChangeHandler.start(leader, this::leaderChanged, this::wake);
        Periodic.start(thread, Duration.ZERO, INTERVAL, this::reconcile);
    }

    /** Starts a pass soon, after a change of the host. Several changes before the next pass need one pass. */
    public void wake() {
        if (woken.compareAndSet(false, true) && !thread.isShutdown()) {
            thread.execute(() -> {
                woken.set(false);
                reconcile();
            });
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        node.stop();
        locations.stop();
        leader.stop();
    }

    /** Wakes only for a new leader, since a leader renews its Lease every few seconds. */
    private void leaderChanged(Lease lease) {
        String now = Optional.ofNullable(lease.getSpec().getHolderIdentity()).orElse("");
        if (!now.equals(leaderIdentity)) {
            leaderIdentity = now;
            wake();
        }
    }

    private void reconcile() {
        try {
            if (!node.hasSynced() || !locations.hasSynced()) {
                return;
            }
            Optional<ClusterNode> registered = node.getStore().list().stream().findFirst();
            if (registered.isEmpty()) {
                // The watch returns it and starts the next pass.
                writer.registerNode(address.get());
                return;
            }
            // First, since the leader waits for it; the status may take seconds, for the TPM preflight.
            answerLeader(registered.get());
            writeStatus(registered.get());
        } catch (KubernetesClientException | HypervisorException e) {
            LOG.warn("The node's status cannot be written, retrying: {}", e.getMessage());
            var unused = thread.schedule(this::wake, RETRY_SECONDS, TimeUnit.SECONDS);
        } catch (RuntimeException e) {
            LOG.error("The node's status cannot be determined", e);
        }
    }

    private void writeStatus(ClusterNode registered) {
        Optional<ClusterNodeStatus> before = Optional.ofNullable(registered.getStatus());
        ClusterNodeStatus now = NodeStatus.of(
                gatherer.gather(
                        locations.getStore().list(), registered.getMetadata().getGeneration()),
                before);
        if (!before.map(NodeReconciler::withoutInventory).equals(Optional.of(now))) {
            writer.writeNodeStatus(now);
        }
    }

    /** The list must be made after the leader was observed: only then is it an answer to this leader. */
    private void answerLeader(ClusterNode registered) {
        String leader = leaderIdentity;
        boolean answered = Optional.ofNullable(registered.getStatus())
                .map(ClusterNodeStatus::inventory)
                .map(inventory -> leader.equals(inventory.answers()))
                .orElse(false);
        if (leader.isEmpty() || answered) {
            return;
        }
        List<ClusterNodeStatus.Domain> domains = incarnations.get();
        writer.writeInventory(new ClusterNodeStatus.Inventory(leader, domains));
        LOG.info("Wrote an inventory of {} VMs for the new leader {}", domains.size(), leader);
    }

    /** Without the operator's condition about a drain. */
    private static List<Condition> own(List<Condition> conditions) {
        return conditions == null
                ? null
                : conditions.stream()
                        .filter(condition -> condition.getType().equals(ConditionType.Ready.name()))
                        .toList();
    }

    private static ClusterNodeStatus withoutInventory(ClusterNodeStatus status) {
        return ClusterNodeStatusBuilder.builder(status)
                .inventory(null)
                .conditions(own(status.conditions()))
                .build();
    }
}
