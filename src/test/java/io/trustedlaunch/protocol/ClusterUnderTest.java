package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Hosts with agents, operators and users around one API server. */
final class ClusterUnderTest implements AutoCloseable {
    static final UUID VM = UUID.fromString(Vms.UID);

    /** Longer than any agent waits before it tries again by itself. */
    static final Duration A_WHILE = Duration.ofSeconds(31);

    private static final int MOST_ROUNDS = 30;
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    /** Whether the hosts have one folder for VMs, or one each. */
    enum Folders {
        SHARED,
        SEPARATE
    }

    final FakeApiServer server = new FakeApiServer();
    final VirtualClock clock = new VirtualClock();
    final Network network = new Network();
    final TpmKeys tpms = new TpmKeys();
    final List<Host> hosts = new ArrayList<>();
    final GuestLedger ledger = new GuestLedger(hosts);
    private final Path root;
    private final Folders folders;
    private OperatorProcess leader;
    private int operatorsStarted;
    private int requested;

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
        newLeader();
    }

    /** A file system in memory, if there is one: nothing here outlives the test. */
    private static Path memory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private void addHost(String name) throws IOException {
        Path own = Files.createDirectory(root.resolve(name));
        Path vms = folders == Folders.SHARED ? root.resolve("vms") : own.resolve("vms");
        Host host = new Host(name, own, vms, tpms, one -> new AgentProcess(one, server, network, clock));
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
        host.startAgent();
    }

    @Override
    public void close() {
        try {
            DurableFiles.deleteTree(root);
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

    // Operators.

    OperatorProcess leader() {
        return leader;
    }

    /** It leads from now on; agents have not answered it yet. */
    OperatorProcess newLeader() {
        leader = newOperator();
        return leader;
    }

    private OperatorProcess newOperator() {
        return new OperatorProcess("operator-" + ++operatorsStarted, server, hosts, clock);
    }

    // Time.

    void pass(Duration time) {
        clock.pass(time);
        hosts.forEach(Host::beat);
    }

    /** Everybody acts once, and nobody dies. */
    void round() {
        leader.look();
        leader.pass();
        for (Host host : hosts) {
            act(host);
        }
        pass(A_WHILE);
        check();
    }

    void act(Host host) {
        if (host.isOn()) {
            AgentProcess agent = host.startAgent();
            agent.look();
            agent.report(leader.identity());
            agent.act();
            agent.seal();
        }
        network.react();
        hosts.forEach(one -> one.agent().ifPresent(agent -> agent.migrations().learn()));
        check();
    }

    void operate() {
        leader.look();
        leader.pass();
        check();
    }

    void rounds(int count) {
        for (int round = 0; round < count; round++) {
            round();
        }
    }

    void check() {
        ledger.check();
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

    // Users and administrators.

    void apply(TrustedLaunchVM vm) {
        server.createIfAbsent(vm);
    }

    void start() {
        apply(Vms.vm(Vms.spec().build()));
        settle();
        assertThat(runningOn()).isPresent();
    }

    Optional<TrustedLaunchVM> vm() {
        return server.find(TrustedLaunchVM.class, Vms.NAME);
    }

    TrustedLaunchVMStatus status() {
        return vm().orElseThrow().getStatus();
    }

    void edit(UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        server.edit(TrustedLaunchVM.class, Vms.NAME, vm -> {
            vm.setSpec(change.apply(TrustedLaunchVMSpecBuilder.builder(vm.getSpec()))
                    .build());
            return vm;
        });
    }

    void changeStrategy(RunStrategy strategy) {
        edit(spec -> spec.runStrategy(strategy));
    }

    VMMigration requestMigration(String target) {
        VMMigration migration = Vms.migration("move-" + ++requested, target);
        migration
                .getMetadata()
                .setCreationTimestamp(clock.instant().plusSeconds(requested).toString());
        return server.createIfAbsent(migration);
    }

    void delete() {
        vm().ifPresent(server::delete);
    }

    /** The node is proved dead: it has no power, and a person says so. */
    void fence(Host host) {
        host.powerOff();
        network.react();
        server.edit(
                io.fabric8.kubernetes.api.model.Node.class,
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
        server.edit(
                io.fabric8.kubernetes.api.model.Node.class,
                host.name(),
                node -> new NodeBuilder(node).editSpec().withTaints().endSpec().build());
        host.powerOn();
    }

    /** A backup tool restores what belongs to VMs, with new UIDs and without status. */
    void recreateFrom(FakeApiServer backup) {
        server.recreate(backup, Set.of(TrustedLaunchVM.class, VMIncarnation.class, VMMigration.class, Secret.class));
        newLeader();
    }

    void deleteClusterNode(Host host) {
        server.find(ClusterNode.class, host.name()).ifPresent(server::delete);
    }

    void cordon(Host host, boolean cordoned) {
        server.edit(ClusterNode.class, host.name(), node -> {
            node.setSpec(Nodes.spec(
                    cordoned
                            ? io.trustedlaunch.api.ClusterNodeSpec.Maintenance.Cordon
                            : io.trustedlaunch.api.ClusterNodeSpec.Maintenance.None));
            return node;
        });
    }

    // What there is.

    Optional<String> runningOn() {
        return ledger.running(VM).stream().findFirst().map(place -> place.host().name());
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
                + server.seen(VMIncarnation.class).map(Descriptions::of).collect(Collectors.joining("\n"));
    }

    GuestStateVersion newestAtHome(Host host) {
        try {
            return new Home(
                            new DiskHomeFiles(new VmFolder(host.vms(), VM).path()),
                            host.name(),
                            UUID::randomUUID,
                            Failpoints.none())
                    .versions()
                    .getFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Optional<VMIncarnation> incarnation(long epoch) {
        return server.find(VMIncarnation.class, VMIncarnation.nameOf(Vms.UID, epoch));
    }

    List<VMIncarnation> incarnations() {
        return server.seen(VMIncarnation.class).toList();
    }

    void assertNothingIsLeft() {
        assertThat(vm()).isEmpty();
        assertThat(incarnations()).isEmpty();
        assertThat(server.secrets()).isZero();
        for (Host host : hosts) {
            assertThat(host.hypervisor().domains()).isEmpty();
            assertThat(host.vms().resolve(Vms.UID)).doesNotExist();
            assertThat(host.hypervisor().workingCopy(VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
        }
    }
}
