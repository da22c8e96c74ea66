package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What can happen to hosts and to the API server's data. */
final class Faults {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private final ClusterUnderTest cluster;
    private final Map<Host, Snapshot> savedDisks = new HashMap<>();

    Faults(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    /** The node is proved dead: it has no power, and a person says so. */
    void fence(Host host) {
        host.powerOff();
        cluster.network.react();
        cluster.server.edit(
                Node.class,
                host.name(),
                node -> new NodeBuilder(node)
                        .editSpec()
                        .addNewTaint()
                        .withKey(OUT_OF_SERVICE)
                        .withEffect("NoExecute")
                        .endTaint()
                        .endSpec()
                        .build());
    }

    /** It has power again, and the person has withdrawn the word. */
    void unfence(Host host) {
        cluster.server.edit(
                Node.class,
                host.name(),
                node -> new NodeBuilder(node).editSpec().withTaints().endSpec().build());
        host.powerOn();
    }

    /** A backup tool restores what belongs to VMs, with new UIDs and without status. */
    void recreateFrom(FakeApiServer backup) {
        cluster.server.recreate(
                backup, Set.of(TrustedLaunchVM.class, VMIncarnation.class, VMMigration.class, Secret.class));
        cluster.newLeader();
    }

    boolean isFenced(Host host) {
        return cluster.server
                .seen(Node.class)
                .filter(node -> node.getMetadata().getName().equals(host.name()))
                .anyMatch(node -> !node.getSpec().getTaints().isEmpty());
    }

    /** All operators end, since their Leases are from before. */
    void restore(FakeApiServer backup) {
        cluster.server.restore(backup);
        cluster.newLeader();
        cluster.addOperator();
    }

    boolean saveDisk(Host host) {
        savedDisks.put(host, host.snapshot(!cluster.sharesFolder()));
        return true;
    }

    /** Its guests crash, and what its disk had lately is gone. */
    boolean setDiskBack(Host host) {
        if (!savedDisks.containsKey(host)) {
            return false;
        }
        host.powerOff();
        cluster.ledger.vms().stream()
                .filter(vm -> cluster.ledger.lastHost(vm).equals(Optional.of(host)))
                .forEach(this::allowLoss);
        savedDisks.get(host).restore();
        host.powerOn();
        return true;
    }

    /** Its TPM may be as it was at the last claim or clean end on record, and its disk as on any day before. */
    private void allowLoss(UUID vm) {
        Optional<Integer> onRecord = RecordedFloor.of(cluster.server, vm)
                .flatMap(floor -> cluster.server
                        .find(Secret.class, vm.toString())
                        .flatMap(key -> cluster.hosts.stream()
                                .flatMap(host -> new HomeView(host, vm).tpm(floor, key).stream())
                                .findFirst()));
        cluster.ledger.allowTpm(vm, onRecord.orElse(0));
        if (!cluster.sharesFolder()) {
            cluster.ledger.allowDisk(vm, 0);
        }
    }

    /** All faults end. */
    void heal() {
        cluster.network.mend();
        cluster.hosts.forEach(host -> {
            if (isFenced(host)) {
                unfence(host);
            }
            host.powerOn();
            host.agent().ifPresent(agent -> agent.cutOffFromApiServer(false));
        });
        cluster.newLeader();
    }

    void deleteClusterNode(Host host) {
        cluster.server.find(ClusterNode.class, host.name()).ifPresent(cluster.server::delete);
    }
}
