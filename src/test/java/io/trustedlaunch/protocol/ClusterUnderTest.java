package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.vm.VmDisk;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Hosts with agents, operators and users around one API server. */
final class ClusterUnderTest implements AutoCloseable {
    static final UUID VM = UUID.fromString(Vms.UID);

    /** Longer than any agent waits before it tries again by itself. */
    static final Duration A_WHILE = Duration.ofSeconds(31);

    private static final int MOST_ROUNDS = 30;

    /** Whether the hosts have one folder for VMs, or one each. */
    enum Folders {
        SHARED,
        SEPARATE
    }

    final FakeApiServer server = new FakeApiServer();
    final VirtualClock clock = new VirtualClock();
    final Operators operators = new Operators(server, clock);
    final Network network = new Network();
    final TpmKeys tpms = new TpmKeys();
    final List<Host> hosts = new ArrayList<>();
    final GuestLedger ledger = new GuestLedger(hosts, tpms, clock);
    final Faults faults = new Faults(this);
    final Users users = new Users(this);
    final SavedVms backups = new SavedVms();
    final GuestPower power = new GuestPower(this);
    /** Their agents have renewed their Leases since somebody lied about them. */
    private final Set<Host> heard = new HashSet<>();

    private final List<Runnable> beforeChecks = new ArrayList<>();
    private final Path root;
    private final Folders folders;
    private boolean passingRaisesMarks = true;
    /** By name, the identity of the VM that had it last. */
    private final Map<String, UUID> identities = new TreeMap<>(Map.of(Vms.NAME, VM));

    /** Of the VM that users and assertions are about. */
    private String name = Vms.NAME;

    ClusterUnderTest(Folders folders, String... names) {
        this.folders = folders;
        try {
            this.root = Files.createTempDirectory(memory(), "hosts");
            for (String name : names) {
                addHost(name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.put(GuestImages.image());
        server.put(GuestImages.policy());
        StorageLocation location = Nodes.storageLocation();
        location.setStatus(folders == Folders.SHARED ? Nodes.sharedBy(List.of(names)) : null);
        server.put(location);
        server.put(Networks.network("default"));
        operators.newLeader();
    }

    /** A file system in memory, if there is one: nothing here outlives the test. */
    private static Path memory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private void addHost(String name) throws IOException {
        Path own = Files.createDirectory(root.resolve(name));
        Path vms = folders == Folders.SHARED ? root.resolve("vms") : own.resolve("vms");
        Host host = new Host(
                name,
                own,
                vms,
                tpms,
                one -> new AgentProcess(
                        one, server, network, clock, new RestoreSource(backups, run -> backups.restored(run, ledger))));
        hosts.forEach(other -> {
            other.hypervisor().connect(name, host.hypervisor());
            host.hypervisor().connect(other.name(), other.hypervisor());
        });
        host.hypervisor()
                .placeDisks(disk -> vms.resolve(disk.getParent().getFileName()).resolve(disk.getFileName()));
        hosts.add(host);
        network.add(host);
        server.put(new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build());
        clock.every(Kubelet.INTERVAL, new Kubelet(host, server, clock.of(name))::renewLease);
        host.startAgent();
    }

    @Override
    public void close() {
        try {
            FileTree.of(root).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Host host(String name) {
        return hosts.stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    boolean sharesFolder() {
        return folders == Folders.SHARED;
    }

    OperatorProcess leader() {
        return operators.leader();
    }

    /** Time that passes raises no marks. */
    void raiseMarksByHand() {
        passingRaisesMarks = false;
    }

    /** The cluster was lost, and a new one with that data follows, whose operator has other keys. */
    void replaceBy(FakeApiServer data) {
        operators.beginCluster(data);
        faults.restore(data);
    }

    // Time.

    void pass(Duration time) {
        clock.pass(time);
        if (passingRaisesMarks) {
            leader().raiseMark();
        }
        hosts.stream().filter(Host::runs).forEach(this::beat);
        network.finishFailing();
    }

    /** The kubelet renews its Lease, and the agent if it runs. */
    private void beat(Host host) {
        new Kubelet(host, server, clock.of(host.name())).renewLease();
        host.agent().ifPresent(AgentProcess::beat);
        if (host.reach() == Host.Reach.ALL && host.agent().isPresent()) {
            heard.add(host);
        }
    }

    void deceivedAbout(Host host) {
        heard.remove(host);
        ledger.deceivedAbout(host);
    }

    /** Everybody acts once, and nobody dies. */
    void round() {
        round(A_WHILE);
    }

    void round(Duration rest) {
        operate();
        for (Host host : hosts) {
            act(host);
        }
        pass(rest);
        check();
    }

    void act(Host host) {
        if (host.acts()) {
            AgentProcess agent = host.startAgent();
            agent.look();
            if (host.reach() == Host.Reach.ALL) {
                ProcessEvents.unlessUnreachable(() -> agent.report(leader().identity()));
            }
            agent.act();
            agent.seal();
        }
        network.react();
        hosts.forEach(one -> one.agent().ifPresent(agent -> agent.migrations().learn()));
        check();
    }

    /** If the leader dies, another one follows. */
    void operate() {
        try {
            leader().look();
            power.looked(leader());
            leader().pass();
        } catch (FakeOperator.Crash crash) {
            operators.newLeader();
        }
        check();
    }

    void rounds(int count) {
        for (int round = 0; round < count; round++) {
            round();
        }
    }

    /** What others know of the state in which everything is checked. */
    void beforeEachCheck(Runnable look) {
        beforeChecks.add(look);
    }

    void check() {
        vm().ifPresent(vm -> identities.put(name, UUID.fromString(vm.identity())));
        beforeChecks.forEach(Runnable::run);
        ledger.deceived().stream()
                .filter(host -> heard.contains(host) && faults.isBelieved(host))
                .forEach(ledger::lieIsOver);
        ledger.check();
        power.check();
    }

    void roundsUntil(BooleanSupplier reached) {
        for (int round = 0; round < MOST_ROUNDS && !reached.getAsBoolean(); round++) {
            round();
        }
        assertThat(reached.getAsBoolean()).isTrue();
    }

    /** Guests that move get further, too. */
    void settle() {
        server.settle(60, () -> {
            round();
            network.advance();
        });
    }

    void apply(TrustedLaunchVM vm) {
        server.createIfAbsent(vm);
        identities.put(vm.getMetadata().getName(), UUID.fromString(vm.identity()));
    }

    /** Users and assertions are about that VM from now on. */
    void turnTo(String vm) {
        name = vm;
    }

    String name() {
        return name;
    }

    /** Of all VMs that were ever applied. */
    List<String> names() {
        return List.copyOf(identities.keySet());
    }

    /** For each name that there ever was, users and assertions are about its VM. */
    void forEachVm(Runnable act) {
        String before = name;
        names().forEach(one -> {
            turnTo(one);
            act.run();
        });
        turnTo(before);
    }

    /** A VM of that name, with an identity that the name and a number give. */
    static TrustedLaunchVM anotherVm(String name, int number) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setName(name);
        vm.getMetadata()
                .setUid(UUID.nameUUIDFromBytes((name + number).getBytes(StandardCharsets.UTF_8))
                        .toString());
        return vm;
    }

    void startAnother(String another) {
        turnTo(another);
        apply(anotherVm(another, 1));
        roundsUntil(() -> runningOn().isPresent());
        turnTo(Vms.NAME);
    }

    void start() {
        apply(Vms.vm(Vms.spec().build()));
        roundsUntil(() -> runningOn().isPresent());
        rounds(2);
    }

    Optional<TrustedLaunchVM> vm() {
        return server.find(TrustedLaunchVM.class, name);
    }

    TrustedLaunchVMStatus status() {
        return vm().orElseThrow().getStatus();
    }

    // What there is.

    /** And none is being deleted. */
    boolean areAllThere() {
        return names().stream()
                .allMatch(one -> server.find(TrustedLaunchVM.class, one)
                        .filter(vm -> !vm.isMarkedForDeletion())
                        .isPresent());
    }

    Optional<String> runningOn() {
        return ledger.running(identity()).stream()
                .findFirst()
                .map(place -> place.host().name());
    }

    void assertRunsOn(String host) {
        assertThat(runningOn()).as(description()).contains(host);
    }

    void assertDoesNotRun() {
        assertThat(runningOn()).as(description()).isEmpty();
    }

    /** For messages: what is on record, and what the agents report. */
    String description() {
        return server.seen(TrustedLaunchVM.class)
                        .map(vm -> vm.getMetadata().getName() + ": " + Descriptions.of(vm.getStatus()))
                        .collect(Collectors.joining("\n"))
                + "\n"
                + server.seen(VMIncarnation.class).map(Descriptions::of).collect(Collectors.joining("\n"))
                + "\n"
                + server.seen(ClusterNode.class).map(Descriptions::of).collect(Collectors.joining("\n"));
    }

    HomeView home(Host host) {
        return new HomeView(host, identity());
    }

    /** Of the VM that has the name now. */
    UUID identity() {
        return vm().map(vm -> UUID.fromString(vm.identity())).orElseGet(() -> identities.get(name));
    }

    Optional<VMIncarnation> incarnation(long epoch) {
        return server.find(VMIncarnation.class, VMIncarnation.nameOf(identity().toString(), epoch));
    }

    List<VMIncarnation> incarnations() {
        return server.seen(VMIncarnation.class).toList();
    }

    /** One guest runs, on the node and with the TPM on record. */
    void assertRunsAsRecorded() {
        String all = name + ", of:\n" + description();
        assertThat(runningOn()).as(all).isEqualTo(Optional.ofNullable(status().nodeName()));
        assertThat(runningOn()).as(all).isPresent();
        assertThat(status().vTPM().ekDigest()).isEqualTo(ledger.ek(identity()).orElseThrow());
        assertThat(hosts.stream()
                        .filter(host -> host.name().equals(status().nodeName()))
                        .flatMap(host -> host.hypervisor().spec(identity()).stream())
                        .flatMap(domain -> domain.dataDisks().stream())
                        .map(Disk::name))
                .as(all)
                // Their places are on record; the order of the list means nothing to a guest that runs.
                .containsExactlyInAnyOrderElementsOf(
                        status().dataDisks().stream().map(VmDisk::id).toList());
        VmFolder folder = new VmFolder(host(status().nodeName()).vms(), identity());
        assertThat(status().removedDisks())
                .as(all)
                .filteredOn(removed -> ledger.had(identity(), removed.id()))
                .allMatch(removed -> Files.isRegularFile(folder.dataDisk(DiskIdentity.of(removed.id()))));
        assertThat(incarnations())
                .filteredOn(one -> one.getSpec().vmRef().uid().equals(identity().toString()))
                .as(description())
                .hasSize(1);
        assertHasItsCards();
        assertDisksAreAsLarge();
    }

    /** As the record says. A backup's may have been larger. */
    private void assertDisksAreAsLarge() {
        VMIncarnationSpec spec = incarnations().stream()
                .filter(one -> one.getSpec().vmRef().uid().equals(identity().toString()))
                .findFirst()
                .orElseThrow()
                .getSpec();
        if (spec.diskFill() != null) {
            return;
        }
        Host host = host(status().nodeName());
        VmFolder folder = new VmFolder(host.vms(), identity());
        Map<Path, Long> sizes = new HashMap<>();
        sizes.put(folder.osDisk(), spec.machineNow().osDiskBytes());
        spec.machineNow().dataDisks().forEach(disk -> sizes.put(folder.dataDisk(disk.identity()), disk.bytes()));
        assertThat(host.hypervisor().devices().of(identity()).disks())
                .as(description())
                .hasSize(sizes.size())
                .allMatch(disk -> disk.bytes() >= sizes.get(disk.file()));
    }

    private void assertHasItsCards() {
        List<Nic> cards = incarnations().stream()
                .filter(one -> one.getSpec().vmRef().uid().equals(identity().toString()))
                .flatMap(one -> one.getSpec().machineNow().nics().stream())
                .toList();
        assertThat(hosts.stream()
                        .filter(host -> host.name().equals(status().nodeName()))
                        .flatMap(host -> host.hypervisor().spec(identity()).stream())
                        .flatMap(domain -> domain.nics().stream()))
                .as(description())
                .containsExactlyInAnyOrderElementsOf(cards);
        assertThat(status().networkInterfaces())
                .as(description())
                .extracting(Interface::macAddress)
                .containsExactlyElementsOf(cards.stream().map(Nic::mac).toList());
    }

    /** Of a VM that does not run, is not there, lost its key, or has removed disks that a copy would leave behind, one that has not begun waits until that is otherwise. */
    void assertMigrationsHaveEnded() {
        boolean canMove = vm().isPresent()
                && runningOn().isPresent()
                && !new Remedies(this).isKeyLost()
                && (sharesFolder() || status().removedDisks().isEmpty());
        assertThat(server.seen(VMMigration.class)
                        .filter(migration -> migration.getSpec().vmRef().name().equals(name)))
                .as(description())
                .allMatch(migration -> migration.getStatus() != null
                        && (migration.getStatus().completionTime() != null
                                || (!canMove && migration.getStatus().phase() == VMMigrationStatus.Phase.Pending)));
    }
}
