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

/** Keeps this host's ClusterNode true: registers it, looks at the host, and answers whoever begins to lead. */
public final class NodeReconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeReconciler.class);
    private static final String LEADER_LEASE = "trusted-launch-operator";
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(30);
    private static final long SECONDS_AFTER_A_FAULT = 5;

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
    private volatile String holder = "";

    /** @param address of this host, where an administrator has set none and none is on record */
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
        ChangeHandler.start(leader, this::leaderSeen, this::wake);
        Periodic.start(thread, Duration.ZERO, BETWEEN_LOOKS, this::look);
    }

    /** Something about the host changed. Many changes before the next look are one. */
    public void wake() {
        if (woken.compareAndSet(false, true) && !thread.isShutdown()) {
            thread.execute(() -> {
                woken.set(false);
                look();
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

    /** A leader renews its Lease every few seconds; only another one is news. */
    private void leaderSeen(Lease lease) {
        String now = Optional.ofNullable(lease.getSpec().getHolderIdentity()).orElse("");
        if (!now.equals(holder)) {
            holder = now;
            wake();
        }
    }

    private void look() {
        try {
            if (!node.hasSynced() || !locations.hasSynced()) {
                return;
            }
            Optional<ClusterNode> registered = node.getStore().list().stream().findFirst();
            if (registered.isEmpty()) {
                // The watch brings it back, and with it the next look.
                writer.registerNode();
                return;
            }
            // First what others wait for; to prove that a TPM can be made takes seconds.
            answerLeader(registered.get());
            String reached = address(registered.get());
            recordFirst(reached, registered.get());
            tellStatus(reached, registered.get());
        } catch (KubernetesClientException | HypervisorException e) {
            LOG.warn("the node's status is not told now: {}", e.getMessage());
            var unused = thread.schedule(this::wake, SECONDS_AFTER_A_FAULT, TimeUnit.SECONDS);
        } catch (RuntimeException e) {
            LOG.error("a fault while looking at the node", e);
        }
    }

    /** One that is on record stays, as the API server demands: certificates name it. */
    private String address(ClusterNode registered) {
        return Optional.ofNullable(registered.getSpec().address())
                .or(() -> Optional.ofNullable(registered.getStatus()).map(ClusterNodeStatus::address))
                .orElseGet(address);
    }

    /** At once, since a certificate, which takes a while too, is issued for it. */
    private void recordFirst(String reached, ClusterNode registered) {
        boolean recorded = Optional.ofNullable(registered.getStatus())
                .map(ClusterNodeStatus::address)
                .isPresent();
        if (!recorded) {
            writer.writeNodeStatus(
                    ClusterNodeStatusBuilder.builder().address(reached).build());
        }
    }

    private void tellStatus(String reached, ClusterNode registered) {
        Optional<ClusterNodeStatus> before = Optional.ofNullable(registered.getStatus());
        ClusterNodeStatus now = NodeStatus.of(
                gatherer.gather(
                        reached,
                        locations.getStore().list(),
                        registered.getMetadata().getGeneration()),
                before);
        if (!before.map(NodeReconciler::withoutInventory).equals(Optional.of(now))) {
            writer.writeNodeStatus(now);
        }
    }

    /** The list is made after the leader was seen: that is what makes it an answer. */
    private void answerLeader(ClusterNode registered) {
        String leading = holder;
        boolean answered = Optional.ofNullable(registered.getStatus())
                .map(ClusterNodeStatus::inventory)
                .map(inventory -> leading.equals(inventory.answers()))
                .orElse(false);
        if (leading.isEmpty() || answered) {
            return;
        }
        List<ClusterNodeStatus.Domain> domains = incarnations.get();
        writer.writeInventory(new ClusterNodeStatus.Inventory(leading, domains));
        LOG.info("Told {}, which leads now, of {} VMs", leading, domains.size());
    }

    /** What the operator says of a drain is not the agent's either. */
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
