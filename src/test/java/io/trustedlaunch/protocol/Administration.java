package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.VmDisk;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/** What users do to a VM, and administrators to nodes and objects, in the middle of everything else. */
final class Administration {
    private final ClusterUnderTest cluster;
    private final Random random;
    private final ProcessEvents processes;
    private final RecordEvents records;
    private final KeySecrets keys;
    private int created;

    Administration(ClusterUnderTest cluster, Random random, ProcessEvents processes, RecordEvents records) {
        this.cluster = cluster;
        this.random = random;
        this.processes = processes;
        this.records = records;
        this.keys = new KeySecrets(cluster, random);
    }

    /** @return what it concerned; empty: nothing happened */
    String play(Event event) {
        Host host = processes.one(cluster.hosts);
        return switch (event) {
            case NODE_IS_CORDONED -> cordon(host);
            case NODES_ARE_UNCORDONED -> uncordon();
            case NODE_IS_DRAINED -> drain(host);
            case FENCE_IS_DELETED -> delete(cluster.server.seen(NodeFence.class).toList());
            case INCARNATION_IS_DELETED -> deleteIncarnation();
            case FIRST_STARTS_ARE_HINDERED -> hinder(host);
            case FIRST_STARTS_SUCCEED -> hinderNoMore();
            case KEYS_ARE_PUT_BACK -> putKeysBack();
            case AN_HOUR_PASSES -> anHour();
            case WORD_IS_GIVEN_ANEW -> giveAnew(host);
            case VM_IS_CREATED -> cluster.vm().isPresent() ? "" : create();
            default ->
                cluster.vm().filter(vm -> !vm.isMarkedForDeletion()).isPresent() ? cluster.name() + user(event) : "";
        };
    }

    private String user(Event event) {
        return switch (event) {
            case MACHINE_CHANGES -> changeMachine();
            case DATA_DISKS_CHANGE -> changeDisks();
            case CARDS_CHANGE -> changeCards();
            case DISK_GROWS -> growDisk();
            case RESTART_IS_REQUESTED -> restart();
            case STATE_IS_APPROVED -> approve();
            case STATES_ARE_REMOVED -> removeStates();
            case KEY_IS_DELETED -> keys.delete();
            case VM_IS_RETAINED -> retain();
            default -> delete();
        };
    }

    /** Two names, so that one changes while the other stays. What no incarnation came so far to make is not brought back. */
    private String changeDisks() {
        List<String> deleted = cluster.vm().orElseThrow().getSpec().deletedDisks();
        if (random.nextInt(4) == 0) {
            return deleteDisk(deleted);
        }
        String name = random.nextBoolean() ? "data" : "logs";
        Optional<DataDisk.Origin> removed = cluster.vm().orElseThrow().status().stream()
                .flatMap(status -> status.removedDisks().stream())
                .filter(disk -> disk.name().equals(name) && !deleted.contains(disk.id()))
                .filter(disk -> cluster.ledger.had(cluster.identity(), disk.id()))
                .findFirst()
                .filter(disk -> random.nextBoolean())
                .map(disk -> new DataDisk.Origin(disk.id()));
        List<DataDisk> before = cluster.vm().orElseThrow().getSpec().dataDisks();
        boolean has = before.stream().anyMatch(disk -> disk.name().equals(name));
        Stream<DataDisk> others = before.stream().filter(disk -> !disk.name().equals(name));
        List<DataDisk> after = has
                ? others.toList()
                : Stream.concat(others, Stream.of(new DataDisk(name, new Quantity("4Mi"), removed.orElse(null))))
                        .toList();
        cluster.users.edit(spec -> spec.dataDisks(after));
        return ": " + after;
    }

    private String growDisk() {
        if (random.nextBoolean()) {
            cluster.users.edit(
                    spec -> spec.osDisk(new OsDisk(larger(spec.osDisk().size()))));
            return ": the OS disk";
        }
        List<DataDisk> after = cluster.vm().orElseThrow().getSpec().dataDisks().stream()
                .map(disk -> new DataDisk(disk.name(), larger(disk.size()), disk.from()))
                .toList();
        cluster.users.edit(spec -> spec.dataDisks(after));
        return ": " + after;
    }

    private static Quantity larger(Quantity size) {
        return ByteSize.quantity(ByteSize.of(size) + (1 << 20));
    }

    /** Of those that no entry brings back. */
    private String deleteDisk(List<String> before) {
        TrustedLaunchVM vm = cluster.vm().orElseThrow();
        List<String> after = Stream.concat(
                        before.stream(),
                        vm.status().stream()
                                .flatMap(status -> status.removedDisks().stream())
                                .map(VmDisk::id)
                                .filter(id -> !before.contains(id)
                                        && vm.getSpec().dataDisks().stream()
                                                .noneMatch(disk -> disk.broughtBack()
                                                        .filter(back ->
                                                                back.toString().equals(id))
                                                        .isPresent()))
                                .limit(1))
                .toList();
        cluster.users.edit(spec -> spec.deletedDisks(after));
        return ", deleted: " + after;
    }

    /** One comes and goes, and the link of the other does. */
    private String changeCards() {
        List<NetworkInterface> before = cluster.vm().orElseThrow().getSpec().networkInterfaces();
        NetworkInterface first = before.getFirst();
        Stream<NetworkInterface> after = random.nextBoolean()
                ? Stream.of(new NetworkInterface(
                        first.name(),
                        first.network(),
                        first.macAddress(),
                        first.link() == LinkState.Up ? LinkState.Down : LinkState.Up))
                : Stream.of(first);
        List<NetworkInterface> others =
                random.nextBoolean() ? List.of() : List.of(new NetworkInterface("nic1", first.network(), null));
        List<NetworkInterface> cards = Stream.concat(after, others.stream()).toList();
        cluster.users.edit(spec -> spec.networkInterfaces(cards));
        return ": " + cards;
    }

    private String changeMachine() {
        cluster.users.edit(spec -> spec.cores(1 + random.nextInt(2)));
        return ": cores or nothing";
    }

    private String restart() {
        cluster.users.restart();
        return "";
    }

    /** Of a VM that does not run: a guest that does goes on. */
    private String approve() {
        boolean mayBeApproved = cluster.runningOn().isEmpty()
                && cluster.vm().map(TrustedLaunchVM::getStatus).isPresent();
        if (mayBeApproved && processes.isOperatorPaused()) {
            // It may have read the present one already, and orders the start with that when it goes on.
            Optional.ofNullable(cluster.status().epoch())
                    .ifPresent(epoch -> cluster.ledger.keepsApproval(cluster.identity(), epoch));
        }
        return mayBeApproved && new Remedies(cluster).approveNewest() ? ": the newest" : ": nothing";
    }

    private String removeStates() {
        boolean areRemoved = cluster.runningOn().isEmpty()
                && cluster.faults.removeStates(processes.one(cluster.hosts), cluster.identity());
        return areRemoved ? ": all but one" : ": none";
    }

    private String retain() {
        cluster.users.edit(spec -> spec.deletionPolicy(DeletionPolicy.Retain));
        return delete();
    }

    /** A backup from before would bring it back without what was erased. */
    private String delete() {
        records.forgetBackup();
        cluster.users.delete();
        return "";
    }

    /** One of the same name; if the last one was retained, it takes that over. */
    String create() {
        records.forgetBackup();
        UUID last = cluster.identity();
        TrustedLaunchVM vm = ClusterUnderTest.anotherVm(cluster.name(), 100 + ++created);
        if (isRetained(last)) {
            vm.setSpec(TrustedLaunchVMSpecBuilder.builder(vm.getSpec())
                    .restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(last.toString())))
                    .build());
        }
        cluster.apply(vm);
        return cluster.name() + (vm.getSpec().restoreFrom() == null ? "" : ", which takes over " + last);
    }

    private boolean isRetained(UUID vm) {
        return cluster.server
                .find(Secret.class, vm.toString())
                .filter(key -> key.getMetadata().getAnnotations() != null
                        && key.getMetadata().getAnnotations().containsKey(Api.RETAINED_VM))
                .isPresent();
    }

    private String cordon(Host host) {
        cluster.users.cordon(host, true);
        return host.name();
    }

    private String uncordon() {
        cluster.hosts.forEach(host -> cluster.users.cordon(host, false));
        return "all";
    }

    private String drain(Host host) {
        cluster.users.maintain(host, Maintenance.Drain);
        return host.name();
    }

    private String delete(List<? extends HasMetadata> all) {
        if (all.isEmpty()) {
            return "";
        }
        HasMetadata object = processes.one(all);
        cluster.server.delete(object);
        return object.getMetadata().getName();
    }

    private String deleteIncarnation() {
        List<VMIncarnation> all = cluster.incarnations();
        all.forEach(one ->
                cluster.power.mayLose(UUID.fromString(one.getSpec().vmRef().uid())));
        return delete(all);
    }

    private String hinder(Host host) {
        host.lackImage(true);
        return host.name();
    }

    private String hinderNoMore() {
        cluster.hosts.forEach(host -> host.lackImage(false));
        return "everywhere";
    }

    String putKeysBack() {
        keys.putBack();
        return "all that are needed";
    }

    private String anHour() {
        cluster.pass(Duration.ofHours(1));
        return "for all";
    }

    private String giveAnew(Host host) {
        if (!cluster.faults.isFenced(host)) {
            return "";
        }
        cluster.faults.withdraw(host);
        processes.catchUp(cluster.leader());
        processes.catchUp(cluster.leader());
        if (host.isOn()) {
            cluster.faults.lie(host, random.nextBoolean());
        } else {
            cluster.faults.sayAgain(host);
        }
        return host.name();
    }
}
