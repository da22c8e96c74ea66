package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What happens to the API server's data: backups of it, their restores, and what is lost. */
final class RecordEvents {
    private final ClusterUnderTest cluster;
    private final Random random;
    private final ProcessEvents processes;
    private Optional<FakeApiServer> backup = Optional.empty();

    RecordEvents(ClusterUnderTest cluster, Random random, ProcessEvents processes) {
        this.cluster = cluster;
        this.random = random;
        this.processes = processes;
    }

    /** @return what it concerned; empty: nothing happened */
    String play(Event event) {
        return switch (event) {
            case BACKUP_IS_MADE -> {
                // Without the key of the VM, a backup would be useless; without a ClusterNode, it would give that host
                // up.
                if (!cluster.faults.areAllRegistered()
                        || cluster.server
                                .find(Secret.class, cluster.identity().toString())
                                .isEmpty()) {
                    yield "";
                }
                backup = Optional.of(cluster.server.snapshot());
                yield "now";
            }
            case BACKUP_IS_RESTORED -> {
                backup.ifPresent(cluster.faults::restore);
                yield backup.map(snapshot -> "of the API server").orElse("");
            }
            case OBJECTS_ARE_RECREATED -> {
                // Each is another VM with another TPM.
                Optional<FakeApiServer> once = backup.filter(made -> !cluster.faults.hasRecreated());
                once.ifPresent(cluster.faults::recreateFrom);
                yield once.map(made -> "from the backup").orElse("");
            }
            case NODE_IS_UNREGISTERED -> {
                Host host = processes.one(cluster.hosts);
                yield cluster.faults.deleteClusterNode(host) ? host.name() : "";
            }
            default -> loseStatus();
        };
    }

    private String loseStatus() {
        if (random.nextInt(8) == 0) {
            cluster.server.all(StorageLocation.class).forEach(cluster.faults::loseStatus);
            return "all StorageLocations";
        }
        List<? extends HasMetadata> objects = random.nextBoolean()
                ? cluster.server.seen(VMIncarnation.class).toList()
                : random.nextBoolean()
                        ? cluster.server.seen(TrustedLaunchVM.class).toList()
                        : cluster.server.seen(ClusterNode.class).toList();
        if (objects.isEmpty()) {
            return "";
        }
        HasMetadata object = processes.one(objects);
        cluster.faults.loseStatus(object);
        return object.getKind() + " " + object.getMetadata().getName();
    }

    void forgetBackup() {
        backup = Optional.empty();
    }
}
