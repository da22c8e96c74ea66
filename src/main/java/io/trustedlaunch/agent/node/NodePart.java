package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.location.LocationWatch;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Supplier;

/** Assembles what makes this host a node of the cluster: its heartbeat, its identity, and the report of its state. */
public final class NodePart implements AutoCloseable {
    private final Heartbeat heartbeat;
    private final NodeIdentity identity;
    private final NodeReconciler reconciler;
    private final LocationWatch locations;
    private final Hypervisor hypervisor;
    private final Supplier<String> primaryAddress;
    private Hypervisor.Subscription reach;

    /** @param primaryAddress of this host, where the one on record is not an own one */
    public NodePart(
            Heartbeat heartbeat,
            NodeIdentity identity,
            NodeReconciler reconciler,
            LocationWatch locations,
            Hypervisor hypervisor,
            Supplier<String> primaryAddress) {
        this.heartbeat = heartbeat;
        this.identity = identity;
        this.reconciler = reconciler;
        this.locations = locations;
        this.hypervisor = hypervisor;
        this.primaryAddress = primaryAddress;
    }

    public void start() {
        heartbeat.start();
        identity.start();
        reconciler.start();
        reach = hypervisor.onReach(reconciler::wake);
    }

    /** Something about the host has changed. */
    public void wake() {
        reconciler.wake();
    }

    /** Why the operator does not hear of this node now. */
    public Optional<String> problem() {
        return heartbeat.problem();
    }

    /** Where other nodes reach this one; empty until that is on record. */
    public Optional<String> addressOnRecord() {
        return reconciler.addressOnRecord();
    }

    /** Where this host listens for other nodes; empty until its address is on record. */
    public Optional<InetAddress> listenAddress() {
        return addressOnRecord().map(onRecord -> HostAddresses.listening(onRecord, primaryAddress));
    }

    @Override
    public void close() {
        if (reach != null) {
            reach.close();
        }
        reconciler.close();
        locations.close();
        heartbeat.close();
        identity.close();
    }
}
