package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeSpecBuilder;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.testkit.Vms;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What users and administrators do to the VM that the test is about, and to nodes. */
final class Users {
    private static final Pattern TO_REMOVE =
            Pattern.compile("spec[.]dataDisks still has it as (\\S+):|or remove (\\S+) from spec[.]dataDisks");
    private static final Pattern MISSING = Pattern.compile("data-(\\S+)[.]qcow2 is missing");
    private static final Pattern NAMED = Pattern.compile("set from[.]removedDisk: (\\S+) for");

    private final ClusterUnderTest cluster;
    private int requested;
    /** The last nodes of the VMs that were deleted. */
    private final Map<UUID, String> deletedOn = new HashMap<>();

    Users(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    void edit(UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        cluster.server.edit(TrustedLaunchVM.class, cluster.name(), vm -> {
            vm.setSpec(change.apply(TrustedLaunchVMSpecBuilder.builder(vm.getSpec()))
                    .build());
            return vm;
        });
    }

    void changeStrategy(RunStrategy strategy) {
        if (strategy == RunStrategy.Halted) {
            cluster.power.mayLose(cluster.identity());
        }
        edit(spec -> spec.runStrategy(strategy));
    }

    void restart() {
        cluster.power.mayLose(cluster.identity());
        cluster.server.setAnnotations(
                cluster.vm().orElseThrow(),
                Map.of(Api.RESTARTED_AT, cluster.clock.instant().toString()));
    }

    VMMigration requestMigration(String target) {
        VMMigration migration = Vms.migration("move-" + ++requested, target);
        migration.setSpec(new VMMigrationSpec(new ObjectRef(cluster.name()), target));
        cluster.power.mayLose(cluster.identity());
        migration
                .getMetadata()
                .setCreationTimestamp(
                        cluster.clock.instant().plusSeconds(requested).toString());
        return cluster.server.createIfAbsent(migration);
    }

    void delete() {
        cluster.power.mayLose(cluster.identity());
        cluster.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::nodeName)
                .ifPresent(node -> deletedOn.put(cluster.identity(), node));
        if (cluster.vm()
                .filter(vm -> vm.getSpec().deletionPolicy() != DeletionPolicy.Retain)
                .isPresent()) {
            cluster.ledger.deletedOnPurpose(cluster.identity());
        }
        cluster.vm().ifPresent(cluster.server::delete);
    }

    /** They follow what a start is refused with, after the API server's data was restored; false: none is refused. */
    boolean nameDisks() {
        List<TrustedLaunchVM> refused = cluster.server
                .seen(TrustedLaunchVM.class)
                .filter(vm -> named(vm).isPresent())
                .toList();
        for (TrustedLaunchVM vm : refused) {
            DiskIdentity disk = named(vm).orElseThrow();
            cluster.server.edit(TrustedLaunchVM.class, vm.getMetadata().getName(), found -> {
                Stream<DataDisk> others = found.getSpec().dataDisks().stream()
                        .filter(other -> !other.name().equals(disk.name()));
                DataDisk back = new DataDisk(disk.name(), new Quantity("4Mi"), new DataDisk.Origin(disk.toString()));
                // One that the VM did not have is removed: it may not even exist.
                boolean had = problem(found).orElseThrow().contains(" had data disk ");
                found.setSpec(TrustedLaunchVMSpecBuilder.builder(found.getSpec())
                        .dataDisks(had ? Stream.concat(others, Stream.of(back)).toList() : others.toList())
                        .build());
                return found;
            });
        }
        return removeDisks() || !refused.isEmpty();
    }

    /** Those that they have ordered to delete, and added again since, or that no incarnation came so far to make. */
    private boolean removeDisks() {
        List<TrustedLaunchVM> refused = cluster.server
                .seen(TrustedLaunchVM.class)
                .filter(vm -> toRemove(vm).isPresent())
                .toList();
        for (TrustedLaunchVM vm : refused) {
            String entry = toRemove(vm).orElseThrow();
            cluster.server.edit(TrustedLaunchVM.class, vm.getMetadata().getName(), found -> {
                found.setSpec(TrustedLaunchVMSpecBuilder.builder(found.getSpec())
                        .dataDisks(found.getSpec().dataDisks().stream()
                                .filter(disk -> !disk.name().equals(entry))
                                .toList())
                        .build());
                return found;
            });
        }
        return !refused.isEmpty();
    }

    /** A disk that the guest ever had is there. */
    private Optional<String> toRemove(TrustedLaunchVM vm) {
        Optional<String> entry = problem(vm)
                .map(TO_REMOVE::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1));
        problem(vm)
                .map(MISSING::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .filter(disk -> !vm.getSpec().deletedDisks().contains(disk))
                .ifPresent(disk -> assertThat(cluster.ledger.had(UUID.fromString(vm.identity()), disk))
                        .as("data disk " + disk + " is missing, and the guest had it")
                        .isFalse());
        return entry;
    }

    private static Optional<DiskIdentity> named(TrustedLaunchVM vm) {
        return problem(vm).map(NAMED::matcher).filter(Matcher::find).map(found -> DiskIdentity.of(found.group(1)));
    }

    private static Optional<String> problem(TrustedLaunchVM vm) {
        return vm.status().map(TrustedLaunchVMStatus::conditions).stream()
                .flatMap(List::stream)
                .filter(condition -> Stream.of(Reason.DisksMismatch, Reason.DiskMissing)
                        .map(Reason::name)
                        .anyMatch(condition.getReason()::equals))
                .map(condition -> condition.getMessage())
                .findFirst();
    }

    /** What is on record does not say any more that they were used (docs/recovery.md). */
    void withdrawApprovals() {
        cluster.server
                .seen(TrustedLaunchVM.class)
                .filter(vm -> vm.getSpec().approveGuestState() != null)
                .toList()
                .forEach(found -> cluster.server.edit(
                        TrustedLaunchVM.class, found.getMetadata().getName(), vm -> {
                            vm.setSpec(TrustedLaunchVMSpecBuilder.builder(vm.getSpec())
                                    .approveGuestState(null)
                                    .build());
                            return vm;
                        }));
    }

    void cordon(Host host, boolean cordoned) {
        maintain(host, cordoned ? Maintenance.Cordon : Maintenance.None);
    }

    void maintain(Host host, Maintenance maintenance) {
        if (cluster.server.find(ClusterNode.class, host.name()).isEmpty()) {
            return;
        }
        cluster.server.edit(ClusterNode.class, host.name(), node -> {
            node.setSpec(ClusterNodeSpecBuilder.builder(node.getSpec())
                    .maintenance(maintenance)
                    .build());
            return node;
        });
    }

    /**
     * Of the VM that was deleted. What a backup of another host's disk than its last brought back there is its administrator's.
     */
    void assertNothingIsLeft(UUID vm) {
        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.incarnations())
                .as(cluster.description())
                .noneMatch(incarnation -> incarnation.getSpec().vmRef().uid().equals(vm.toString()));
        assertThat(cluster.server.find(Secret.class, vm.toString())).isEmpty();
        cluster.assertMigrationsHaveEnded();
        assertThat(cluster.hosts).noneMatch(host -> host.hypervisor().find(vm).isPresent());
        for (Host host : cluster.hosts.stream()
                .filter(one -> !cluster.faults.wasSetBack(one) || one.name().equals(deletedOn.get(vm)))
                .toList()) {
            if (!cluster.faults.mayKeepDisks(host, vm)) {
                assertThat(new HomeView(host, vm).folder()).doesNotExist();
            }
            assertThat(host.hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.ABSENT);
        }
    }
}
