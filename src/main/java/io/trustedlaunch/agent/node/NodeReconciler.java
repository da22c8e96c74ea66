package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.process.Informers;
import io.trustedlaunch.process.Liveness;
import io.trustedlaunch.process.PeriodicTasks;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps this host's ClusterNode up to date: reports the host, and answers each new leader. */
public final class NodeReconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeReconciler.class);
    private static final Duration RESYNC = Duration.ofSeconds(30);
    private static final long RETRY_SECONDS = 5;

    private final SharedIndexInformer<ClusterNode> node;
    private final SharedIndexInformer<StorageLocation> locations;
    private final SharedIndexInformer<BackupLocation> backupLocations;
    private final SharedIndexInformer<Lease> leader;
    private final NodeGatherer gatherer;
    private final Supplier<List<ClusterNodeStatus.Domain>> incarnations;
    private final MarkMemory marks;
    private final String bootID;
    private final AgentWriter writer;
    private final Supplier<String> address;
    private final Liveness liveness;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("node").factory());

    /** @param address of this host, used if an administrator has set none and none is on record */
    public NodeReconciler(
            KubernetesClient client,
            String namespace,
            String nodeName,
            NodeGatherer gatherer,
            Supplier<List<ClusterNodeStatus.Domain>> incarnations,
            MarkMemory marks,
            String bootID,
            AgentWriter writer,
            Supplier<String> address,
            Liveness liveness) {
        this.node = Informers.of(
                ClusterNode.class, client.resources(ClusterNode.class).withName(nodeName));
        this.locations = Informers.of(StorageLocation.class, client.resources(StorageLocation.class));
        this.backupLocations = Informers.of(BackupLocation.class, client.resources(BackupLocation.class));
        this.leader = Informers.of(
                Lease.class, client.leases().inNamespace(namespace).withName(LeaderLeaseReader.LEADER_LEASE));
        this.gatherer = gatherer;
        this.incarnations = incarnations;
        this.marks = marks;
        this.bootID = bootID;
        this.writer = writer;
        this.address = address;
        this.liveness = liveness;
    }

    public void start() {
        ChangeHandler.start(node, changed -> wake(), this::wake);
        ChangeHandler.start(locations, changed -> wake(), this::wake);
        ChangeHandler.start(backupLocations, changed -> wake(), this::wake);
        ChangeHandler.start(leader, this::leaderSeen, this::wake);
        PeriodicTasks.start(thread, Duration.ZERO, RESYNC, liveness.watched("node", this::reconcile));
    }

    /** Something about the host has changed. Several changes before the next pass count as one. */
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
        backupLocations.stop();
        leader.stop();
    }

    /** Where other nodes reach this one; empty until that is on record. */
    public Optional<String> addressOnRecord() {
        return node.getStore().list().stream()
                .map(ClusterNode::getStatus)
                .filter(Objects::nonNull)
                .map(ClusterNodeStatus::address)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** A leader renews its Lease every few seconds; only another holder, or a mark that was raised, matters. */
    private void leaderSeen(Lease lease) {
        String before = marks.leader();
        marks.seen(lease);
        if (!marks.leader().equals(before)) {
            wake();
        }
    }

    private void reconcile() {
        try {
            if (!node.hasSynced() || !locations.hasSynced() || !backupLocations.hasSynced()) {
                return;
            }
            Optional<ClusterNode> registered = node.getStore().list().stream().findFirst();
            if (registered.isEmpty()) {
                // The operator creates it when it sees the agent's Lease renewed, and the watch triggers the next pass.
                return;
            }
            // The leader waits for this; the TPM preflight of the status takes seconds.
            answerLeader(registered.get());
            String nodeAddress = address(registered.get());
            recordAddress(nodeAddress, registered.get());
            reportStatus(nodeAddress, registered.get());
        } catch (KubernetesClientException | HypervisorException e) {
            LOG.warn("Cannot report the node's status, trying again: {}", e.getMessage());
            retry();
        } catch (RuntimeException e) {
            LOG.error("Unexpected error while reporting the node's status", e);
        }
    }

    /** An address on record stays, as the API server demands. */
    private String address(ClusterNode registered) {
        return Optional.ofNullable(registered.getSpec().address())
                .or(() -> registered.status().map(ClusterNodeStatus::address))
                .orElseGet(address);
    }

    /** Written first: the node's certificate is issued for it, which takes a while too. */
    private void recordAddress(String nodeAddress, ClusterNode registered) {
        boolean recorded = registered.status().map(ClusterNodeStatus::address).isPresent();
        if (!recorded) {
            writer.writeNodeStatus(
                    ClusterNodeStatusBuilder.builder().address(nodeAddress).build());
        }
    }

    private void reportStatus(String nodeAddress, ClusterNode registered) {
        Optional<ClusterNodeStatus> before = registered.status();
        ClusterNodeStatus now = NodeStatus.of(
                gatherer.gather(
                        nodeAddress,
                        locations.getStore().list(),
                        backupLocations.getStore().list(),
                        registered.getMetadata().getGeneration()),
                before);
        if (!before.map(NodeReconciler::withoutAnswer).equals(Optional.of(now))) {
            writer.writeNodeStatus(now);
        }
    }

    private void answerLeader(ClusterNode registered) {
        String leading = marks.leader();
        Optional<ClusterNodeStatus.Answer> before = registered.status().map(ClusterNodeStatus::answer);
        LeaderAnswer.of(leading, bootID, before, marks.remembered(), this::domains)
                .ifPresent(answer -> {
                    writer.writeAnswer(answer);
                    LOG.info("Answered the leader {}", leading);
                });
    }

    /** Made after the leader was observed, to count as an answer to it. */
    private Optional<List<ClusterNodeStatus.Domain>> domains() {
        try {
            return Optional.of(incarnations.get());
        } catch (HypervisorException e) {
            LOG.warn("Cannot report the VMs of this host to the new leader, trying again: {}", e.getMessage());
            retry();
            return Optional.empty();
        }
    }

    private void retry() {
        var unused = thread.schedule(this::wake, RETRY_SECONDS, TimeUnit.SECONDS);
    }

    /** Leaves out the operator's conditions. */
    private static List<Condition> own(List<Condition> conditions) {
        return conditions == null
                ? null
                : ConditionType.HostReady.in(conditions).map(List::of).orElse(List.of());
    }

    private static ClusterNodeStatus withoutAnswer(ClusterNodeStatus status) {
        return ClusterNodeStatusBuilder.builder(status)
                .answer(null)
                .conditions(own(status.conditions()))
                .build();
    }
}
