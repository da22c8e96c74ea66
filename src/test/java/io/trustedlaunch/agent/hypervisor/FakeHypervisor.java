package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.hypervisor.DomainState.ShuttingDown;
import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.agent.tpm.VtpmBlobs;
import io.trustedlaunch.agent.tpm.VtpmBlobs.Blob;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.VariableStores;
import io.trustedlaunch.testkit.faultydisk.DiskFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
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
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A hypervisor in memory, with working copies in a folder of the test. The test plays events of a real one (a guest that
 * powers off, QEMU that crashes, a libvirtd that stops) with the methods at the end.
 */
public final class FakeHypervisor implements Hypervisor {
    private final WorkingCopyLayout layout;
    private final Map<UUID, Domain> domains = new HashMap<>();
    private final Map<UUID, Long> lostDomains = new HashMap<>();
    private final Map<UUID, StopReason> lastStops = new HashMap<>();
    private final Map<UUID, byte[]> secrets = new HashMap<>();
    private final Map<UUID, List<IpAddress>> addresses = new HashMap<>();
    private final Map<UUID, GuestInfo> guestInfos = new HashMap<>();
    private final Map<Operation, HypervisorFailure> failures = new HashMap<>();
    private final List<Consumer<UUID>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> reachListeners = new CopyOnWriteArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, FakeHypervisor> others = new HashMap<>();
    /** Variables that QEMU received and writes when it is resumed. */
    private final Map<UUID, byte[]> variablesInMemory = new HashMap<>();

    /** Domains whose guests have not arrived. */
    private final Set<UUID> incomplete = new HashSet<>();

    private final Map<Path, UnfilledDisk.Pull> pulls = new HashMap<>();
    /** Disks that QEMU has filled since their domain began. */
    private final Set<Path> filled = new HashSet<>();

    private final Map<UUID, MigrationProgress> migrations = new HashMap<>();
    private final Map<UUID, FakeConsole> consoles = new HashMap<>();
    private final Map<UUID, List<FakeConsole>> screens = new HashMap<>();
    private final Map<UUID, Duration> pauses = new HashMap<>();
    private final OpenDisks openDisks = new OpenDisks();
    private final FakeGuestBackups backups = new FakeGuestBackups(this);
    private final FakeDevices devices = new FakeDevices(this);
    private UnaryOperator<Path> place = UnaryOperator.identity();
    private HostFacts host = defaultHost();
    private boolean guestsObeyThePowerButton = true;

    /** Operations for which a failure can be injected. */
    public enum Operation {
        HOST,
        QUERY,
        PREPARE_VARIABLES,
        PLACE_VARIABLES,
        CREATE_PAUSED,
        ENSURE_SECRET,
        RESUME,
        MIGRATE,
        ALLOW_PAUSE,
        ABORT_MIGRATION,
        SEVER_MIGRATION,
        COMPLETE_VARIABLES,
        REQUEST_SHUTDOWN,
        DESTROY,
        OPEN_CONSOLE,
        OPEN_SCREEN,
        PULL,
        DEVICES,
        GROW_DISK,
        UPDATE_CARD,
        ATTACH_CARD,
        DETACH_CARD,
        ATTACH_DISK,
        CHANGE_DISC,
        DETACH_DISK,
        ADDRESSES,
        GUEST_INFO,
        ERASE_STATE,
        SET_STATE_ASIDE
    }

    /** A call that changed something, or tried to. */
    public record Call(Operation operation, UUID vm) {}

    private record Domain(DomainSpec spec, DomainState state, VtpmState vtpm) {
        Domain(DomainSpec spec, DomainState state) {
            this(spec, state, new VtpmState.Responding());
        }
    }

    public FakeHypervisor(Path root) {
        layout = new WorkingCopyLayout(root.resolve("swtpm"), root.resolve("nvram"));
    }

    private static HostFacts defaultHost() {
        return HostFactsBuilder.builder()
                .libvirtVersion("9.0.0")
                .qemuVersion("7.2.0")
                .emulator(Path.of("/usr/bin/qemu-system-x86_64"))
                .cores(8)
                .memoryBytes(16L << 30)
                .kvm(false)
                .secureBootFirmware(true)
                .firmware(List.of(new FirmwareFiles(
                        Path.of("/usr/share/OVMF/OVMF_CODE_4M.ms.fd"), Path.of("/usr/share/OVMF/OVMF_VARS_4M.ms.fd"))))
                .virtualization(new NodeVirtualization(null, Nested.None, "KVM does not work on the host", false))
                .networks(new TreeSet<>(List.of("default")))
                .build();
    }

    public WorkingCopyLayout layout() {
        return layout;
    }

    @Override
    public synchronized HostFacts host() {
        failIfAsked(Operation.HOST);
        return host;
    }

    @Override
    public synchronized List<DomainInfo> domains() {
        failIfAsked(Operation.QUERY);
        return domains.values().stream()
                .filter(domain -> !lostDomains.containsKey(domain.spec().vm()))
                .map(domain -> new DomainInfo(domain.spec().identity(), domain.state(), domain.vtpm()))
                .toList();
    }

    @Override
    public synchronized List<GuestStatistics> statistics() {
        failIfAsked(Operation.QUERY);
        return domains.values().stream()
                .map(domain -> GuestStatisticsBuilder.builder()
                        .vm(domain.spec().vm())
                        .running(domain.state() instanceof Running)
                        .vtpm(domain.vtpm())
                        .processorTime(Duration.ofSeconds(3))
                        .memoryBytes(OptionalLong.of(domain.spec().memoryBytes()))
                        .residentBytes(OptionalLong.of(domain.spec().memoryBytes() / 2))
                        .disks(List.of(new GuestStatistics.Disk(
                                "vda",
                                new GuestStatistics.Transfers(2, 4096, Duration.ofMillis(3)),
                                new GuestStatistics.Transfers(1, 512, Duration.ofMillis(4)),
                                new GuestStatistics.Transfers(1, 0, Duration.ofMillis(5)))))
                        .cards(domain.spec().nics().stream()
                                .map(nic -> new GuestStatistics.Card(1500, 64))
                                .toList())
                        .build())
                .toList();
    }

    @Override
    public synchronized Optional<DomainInfo> find(UUID vm) {
        Optional.ofNullable(lostDomains.get(vm)).ifPresent(process -> {
            throw new HypervisorException(new HypervisorFailure.DomainLost(vm, process));
        });
        return domains().stream().filter(domain -> domain.vm().equals(vm)).findFirst();
    }

    @Override
    public WorkingCopy workingCopy(UUID vm) {
        return layout.inspect(vm);
    }

    @Override
    public synchronized void prepareVariables(DomainSpec spec) {
        begin(Operation.PREPARE_VARIABLES, spec.vm());
        Path file = layout.variables(spec.vm());
        if (WorkingCopyLayout.isWhole(file)) {
            return;
        }
        if (Files.exists(layout.tpmFolder(spec.vm()))) {
            throw new HypervisorException(new HypervisorFailure.VariablesMissing(file));
        }
        VariablesFile.write(file, VariableStores.enrolled("platform key"));
    }

    @Override
    public synchronized void placeVariables(UUID vm, byte[] variables) {
        begin(Operation.PLACE_VARIABLES, vm);
        requireGone(vm);
        VariablesFile.write(layout.variables(vm), variables);
    }

    @Override
    public void createPaused(DomainSpec spec, TpmSecret secret) {
        synchronized (this) {
            begin(Operation.CREATE_PAUSED, spec.vm());
            Domain there = domains.get(spec.vm());
            if (there != null) {
                if (there.spec().identity().epoch() == spec.identity().epoch()) {
                    return;
                }
                throw new HypervisorException(new HypervisorFailure.OtherEpoch(
                        spec.vm(), there.spec().identity().epoch()));
            }
            layout.requireWhole(spec.vm());
            requireNetworks(spec.nics());
            secrets.put(spec.vm(), secret.bytes());
            openDisks.open(spec);
            Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream())
                    .map(Disk::path)
                    .forEach(disk -> {
                        filled.remove(disk);
                        pulls.remove(disk);
                    });
            domains.put(spec.vm(), new Domain(spec, new Paused(PauseReason.STARTING)));
        }
        notifyListeners(spec.vm());
    }

    void requireNetworks(List<Nic> nics) {
        nics.stream()
                .filter(nic -> !host.networks().contains(nic.network()))
                .findFirst()
                .ifPresent(nic -> {
                    throw new HypervisorException(new HypervisorFailure.NetworkMissing(nic.network()));
                });
        nics.stream()
                .flatMap(nic -> nic.filter().stream())
                .filter(filter -> !filter.equals("clean-traffic"))
                .findFirst()
                .ifPresent(filter -> {
                    throw new HypervisorException(new HypervisorFailure.NetworkFilterMissing(filter));
                });
    }

    @Override
    public synchronized void ensureSecret(UUID vm, TpmSecret secret) {
        begin(Operation.ENSURE_SECRET, vm);
        secrets.put(vm, secret.bytes());
    }

    @Override
    public void resume(UUID vm) {
        synchronized (this) {
            begin(Operation.RESUME, vm);
            if (variablesInMemory.containsKey(vm)) {
                openDisks.open(require(vm).spec());
            }
            setState(vm, new Running());
            Optional.ofNullable(variablesInMemory.remove(vm))
                    .ifPresent(held -> DiskFaults.uncounted(() -> write(layout.variables(vm), held)));
        }
        notifyListeners(vm);
    }

    @Override
    public void migrate(UUID vm, MigrationTarget target, MigrationOptions manner) {
        synchronized (this) {
            begin(Operation.MIGRATE, vm);
            Domain domain = domains.get(vm);
            if (domain == null) {
                throw new HypervisorException(new HypervisorFailure.DomainMissing(vm));
            }
            if (backups.isJobLost(vm)) {
                throw new HypervisorException(new HypervisorFailure.BackupJobLost(vm));
            }
            FakeHypervisor other = Optional.ofNullable(others.get(target.nodeName()))
                    .orElseThrow(() -> new HypervisorException(
                            new HypervisorFailure.OperationFailed("no way to " + target.nodeName())));
            if (manner.copiesDisks()) {
                copyDisks(domain.spec(), other);
            }
            other.receive(
                    asIncarnation(domain.spec(), target.epoch()),
                    read(layout.tpmState(vm)),
                    read(layout.variables(vm)));
            other.devices.arrive(vm, devices.places(domain.spec()));
        }
        end(vm, StopReason.MIGRATED);
    }

    /** Copies into existing files of the same size, like libvirt. */
    static void copyDisks(DomainSpec spec, FakeHypervisor other) {
        Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream())
                .map(Disk::path)
                .forEach(disk -> {
                    Path copy = other.place.apply(disk);
                    if (!Files.exists(copy)) {
                        throw new HypervisorException(
                                new HypervisorFailure.OperationFailed("Storage pool not found: " + copy));
                    }
                    write(copy, read(disk));
                });
    }

    /** A complete, paused domain. */
    private void receive(DomainSpec spec, byte[] tpm, byte[] variables) {
        expect(spec);
        complete(spec.vm(), tpm, variables);
    }

    /** A domain whose guest is not complete yet. */
    void expect(DomainSpec spec) {
        synchronized (this) {
            if (!secrets.containsKey(spec.vm())) {
                throw new HypervisorException(new HypervisorFailure.OperationFailed("no secret of VM " + spec.vm()));
            }
            if (domains.containsKey(spec.vm())) {
                throw new HypervisorException(new HypervisorFailure.OperationFailed("a domain of it is here"));
            }
            domains.put(spec.vm(), new Domain(spec, new Paused(PauseReason.MIGRATION)));
            incomplete.add(spec.vm());
        }
        notifyListeners(spec.vm());
    }

    /** The guest that was expected is here, paused. */
    void complete(UUID vm, byte[] tpm, byte[] variables) {
        synchronized (this) {
            DiskFaults.uncounted(() -> {
                write(layout.tpmState(vm), tpm);
                writeTemplate(vm);
            });
            variablesInMemory.put(vm, variables);
            openDisks.open(require(vm).spec());
            incomplete.remove(vm);
            setState(vm, new Paused(PauseReason.REQUESTED));
        }
        notifyListeners(vm);
    }

    private void writeTemplate(UUID vm) {
        if (!Files.exists(layout.variables(vm))) {
            write(layout.variables(vm), VariableStores.with("template"));
        }
    }

    static DomainSpec asIncarnation(DomainSpec spec, long epoch) {
        DomainIdentity identity = spec.identity();
        return DomainSpecBuilder.builder(spec)
                .identity(new DomainIdentity(identity.vm(), epoch, identity.namespace(), identity.name()))
                .build();
    }

    @Override
    public synchronized Optional<MigrationProgress> migration(UUID vm) {
        failIfAsked(Operation.QUERY);
        return Optional.ofNullable(migrations.get(vm));
    }

    @Override
    public synchronized void allowPause(UUID vm, Duration pause) {
        begin(Operation.ALLOW_PAUSE, vm);
        if (migrations.containsKey(vm)) {
            pauses.put(vm, pause);
        }
    }

    @Override
    public synchronized void abortMigration(UUID vm) {
        begin(Operation.ABORT_MIGRATION, vm);
        migrations.remove(vm);
    }

    @Override
    public synchronized void severMigration(UUID vm, String address) {
        begin(Operation.SEVER_MIGRATION, vm);
    }

    @Override
    public synchronized void completeVariables(UUID vm, byte[] variables) {
        begin(Operation.COMPLETE_VARIABLES, vm);
        if (!(Optional.ofNullable(domains.get(vm)).map(Domain::state).orElse(null) instanceof Paused)) {
            throw new HypervisorException(new HypervisorFailure.DomainMissing(vm));
        }
        VariablesFile.complete(layout.variables(vm), variables);
    }

    @Override
    public void requestShutdown(UUID vm) {
        synchronized (this) {
            begin(Operation.REQUEST_SHUTDOWN, vm);
            Domain domain = domains.get(vm);
            if (domain == null || !(domain.state() instanceof Running) || !guestsObeyThePowerButton) {
                return;
            }
            setState(vm, new ShuttingDown());
        }
        notifyListeners(vm);
    }

    @Override
    public void destroy(UUID vm) {
        synchronized (this) {
            begin(Operation.DESTROY, vm);
            if (!domains.containsKey(vm)) {
                return;
            }
        }
        end(vm, StopReason.DESTROYED);
    }

    @Override
    public synchronized StopReason lastStop(UUID vm) {
        failIfAsked(Operation.QUERY);
        return lastStops.getOrDefault(vm, StopReason.UNKNOWN);
    }

    @Override
    public synchronized GuestConsole openConsole(UUID vm, long epoch) {
        begin(Operation.OPEN_CONSOLE, vm);
        incarnation(vm, epoch);
        FakeConsole console = new FakeConsole();
        Optional.ofNullable(consoles.put(vm, console)).ifPresent(FakeConsole::close);
        return console;
    }

    @Override
    public synchronized GuestConsole openScreen(UUID vm, long epoch) {
        begin(Operation.OPEN_SCREEN, vm);
        if (incarnation(vm, epoch).screen() == ScreenModel.None) {
            throw new HypervisorException(new HypervisorFailure.ScreenMissing(vm));
        }
        if (migrations.containsKey(vm)) {
            throw new HypervisorException(new HypervisorFailure.ScreenBusy(vm));
        }
        FakeConsole screen = new FakeConsole();
        // QEMU speaks first.
        screen.guestWrites("RFB 003.008\n");
        screens.computeIfAbsent(vm, any -> new ArrayList<>()).add(screen);
        return screen;
    }

    private DomainSpec incarnation(UUID vm, long epoch) {
        Domain domain = domains.get(vm);
        if (domain == null) {
            throw new HypervisorException(new HypervisorFailure.DomainMissing(vm));
        }
        if (domain.spec().identity().epoch() != epoch) {
            throw new HypervisorException(new HypervisorFailure.OtherEpoch(
                    vm, domain.spec().identity().epoch()));
        }
        return domain.spec();
    }

    @Override
    public FakeGuestBackups backups() {
        return backups;
    }

    @Override
    public FakeDevices devices() {
        return devices;
    }

    @Override
    public synchronized void pull(UUID vm, Path disk) {
        begin(Operation.PULL, vm);
        if (unfilledDisks(vm).contains(disk)) {
            pulls.putIfAbsent(disk, new UnfilledDisk.Pull(0, 1 << 20));
        }
    }

    @Override
    public synchronized List<UnfilledDisk> unfilled(UUID vm) {
        failIfAsked(Operation.QUERY);
        return unfilledDisks(vm).stream()
                .map(disk -> new UnfilledDisk(disk, Optional.ofNullable(pulls.get(disk))))
                .toList();
    }

    private List<Path> unfilledDisks(UUID vm) {
        return Optional.ofNullable(domains.get(vm)).map(Domain::spec).stream()
                .flatMap(spec -> Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream()))
                .filter(disk -> disk.backing().isPresent())
                .map(Disk::path)
                .filter(disk -> !filled.contains(disk))
                .toList();
    }

    @Override
    public synchronized List<DevicePlace> places(UUID vm, Machine machine) {
        failIfAsked(Operation.QUERY);
        return Optional.ofNullable(domains.get(vm))
                .map(domain -> devices.places(domain.spec()).list())
                .orElse(List.of());
    }

    @Override
    public synchronized Optional<NestedVirtualization> nested(UUID vm) {
        failIfAsked(Operation.QUERY);
        return Optional.ofNullable(domains.get(vm))
                .map(domain -> domain.spec().acceleration().nested());
    }

    @Override
    public synchronized VtpmBlobs vtpmBlobs(UUID vm) {
        failIfAsked(Operation.QUERY);
        Domain domain = Optional.ofNullable(domains.get(vm))
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
        if (!(domain.vtpm() instanceof VtpmState.Responding)) {
            throw new HypervisorException(new HypervisorFailure.NoAnswer(vm));
        }
        Blob empty = new Blob(0, new byte[0]);
        try {
            return new VtpmBlobs(new Blob(0, Files.readAllBytes(workingCopy(vm).tpmState())), empty, empty);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized List<IpAddress> addresses(UUID vm) {
        failIfAsked(Operation.ADDRESSES);
        return domains.containsKey(vm) ? addresses.getOrDefault(vm, List.of()) : List.of();
    }

    @Override
    public synchronized Optional<GuestInfo> guestInfo(UUID vm) {
        failIfAsked(Operation.GUEST_INFO);
        return Optional.ofNullable(domains.get(vm))
                .filter(domain -> domain.state() instanceof Running)
                .flatMap(running -> Optional.ofNullable(guestInfos.get(vm)));
    }

    @Override
    public Subscription onLifecycle(Consumer<UUID> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public Subscription onReach(Runnable listener) {
        reachListeners.add(listener);
        return () -> reachListeners.remove(listener);
    }

    @Override
    public synchronized void eraseState(UUID vm) {
        begin(Operation.ERASE_STATE, vm);
        requireGone(vm);
        secrets.remove(vm);
        layout.erase(vm);
    }

    @Override
    public synchronized void setStateAside(UUID vm) {
        begin(Operation.SET_STATE_ASIDE, vm);
        requireGone(vm);
        layout.setAside(vm);
    }

    private void requireGone(UUID vm) {
        if (domains.containsKey(vm)) {
            throw new HypervisorException(new HypervisorFailure.StillThere(vm));
        }
    }

    @Override
    public void close() {
        listeners.clear();
    }

    // Controls for tests.

    /** QEMU has filled a part of a disk. */
    public synchronized void fill(Path disk, long doneBytes, long totalBytes) {
        pulls.put(disk, new UnfilledDisk.Pull(doneBytes, totalBytes));
    }

    /** QEMU has filled a disk that it was asked to fill, and removed the backing from its header. */
    public synchronized void finishFill(Path disk) {
        if (pulls.remove(disk) == null) {
            throw new IllegalStateException(disk + " is not being filled");
        }
        filled.add(disk);
    }

    /** Connects this host to another one. */
    public synchronized void connect(String nodeName, FakeHypervisor other) {
        others.put(nodeName, other);
    }

    /** Its guest has not arrived, and does not run whatever the domain's state is. */
    public synchronized boolean isIncomplete(UUID vm) {
        return incomplete.contains(vm);
    }

    /** QEMU, whose guest has not arrived, is being ended, which takes a while; its swtpm has made a blank TPM. */
    void beginEnd(UUID vm) {
        synchronized (this) {
            DiskFaults.uncounted(() -> {
                write(layout.tpmState(vm), FakeTpms.state(EndorsementKeys.FOURTH.digest(), "0"));
                writeTemplate(vm);
            });
            setState(vm, new ShuttingDown());
        }
        notifyListeners(vm);
    }

    /** The guest of an incarnation runs there with copies of what it has here, which the product never does. */
    public void runAlsoOn(FakeHypervisor other, UUID vm, long epoch) {
        synchronized (other) {
            other.secrets.put(vm, secrets.get(vm));
            other.devices.arrive(vm, devices.places(spec(vm).orElseThrow()));
        }
        other.receive(
                asIncarnation(spec(vm).orElseThrow(), epoch), read(layout.tpmState(vm)), read(layout.variables(vm)));
        other.resumeByItself(vm);
    }

    /** Maps paths of another host to paths of this one. */
    public synchronized void placeDisks(UnaryOperator<Path> there) {
        place = there;
    }

    Path placed(Path disk) {
        return place.apply(disk);
    }

    /** A migration is under way of the domain, until it is aborted or {@link #endMigration ended}. */
    public synchronized void beginMigration(UUID vm, MigrationProgress progress) {
        migrations.put(vm, progress);
    }

    /** The pause that was allowed during the domain's migration. */
    public synchronized Optional<Duration> allowedPause(UUID vm) {
        return Optional.ofNullable(pauses.get(vm));
    }

    public synchronized void endMigration(UUID vm) {
        migrations.remove(vm);
    }

    public synchronized void setHost(HostFacts facts) {
        host = facts;
    }

    /** Makes every call of the operation fail like this until {@link #heal}. */
    public synchronized void fail(Operation operation, HypervisorFailure failure) {
        failures.put(operation, failure);
    }

    /** libvirtd is down: every call fails until {@link #heal}, and guests keep running. */
    public synchronized void goDown() {
        for (Operation operation : Operation.values()) {
            fail(operation, new HypervisorFailure.Unavailable("connection refused"));
        }
        reachListeners.forEach(Runnable::run);
    }

    /** libvirtd was restarted: it works again, has lost the secrets, and all listeners are called. */
    public void restart() {
        List<UUID> all;
        synchronized (this) {
            secrets.clear();
            heal();
            all = List.copyOf(domains.keySet());
        }
        all.forEach(this::notifyListeners);
        reachListeners.forEach(Runnable::run);
    }

    public synchronized void heal() {
        failures.clear();
    }

    /** The guest shuts down, by itself or after {@link #requestShutdown}. */
    public void powerOff(UUID vm) {
        end(vm, StopReason.GUEST_SHUTDOWN);
    }

    public void crash(UUID vm) {
        end(vm, StopReason.CRASHED);
    }

    /** libvirtd has lost the domain, whose guest runs on as that process. */
    public synchronized void loseDomain(UUID vm, long process) {
        lostDomains.put(vm, process);
    }

    /** The host loses power: all domains are gone without a stop reason, working copies stay. */
    public void powerCut() {
        List.copyOf(domains.keySet()).forEach(vm -> end(vm, StopReason.UNKNOWN));
        restart();
    }

    /** The guest goes on without a call, as after a migration that failed. */
    void resumeByItself(UUID vm) {
        synchronized (this) {
            openDisks.open(require(vm).spec());
            setState(vm, new Running());
        }
        notifyListeners(vm);
    }

    public synchronized void pause(UUID vm, PauseReason reason) {
        setState(vm, new Paused(reason));
    }

    /** The process of the VM's TPM ends, or is stopped or continued. */
    public void setVtpm(UUID vm, VtpmState vtpm) {
        synchronized (this) {
            Domain domain = require(vm);
            domains.put(vm, new Domain(domain.spec(), domain.state(), vtpm));
        }
        notifyListeners(vm);
    }

    public synchronized void setAddresses(UUID vm, String mac, InetAddress... ofGuest) {
        addresses.put(
                vm,
                Stream.of(ofGuest).map(address -> new IpAddress(mac, address)).toList());
    }

    /** The guest agent says this whenever it is asked. */
    public synchronized void setGuestInfo(UUID vm, GuestInfo info) {
        guestInfos.put(vm, info);
    }

    /** The guest agent does not answer any more. */
    public synchronized void muteGuestAgent(UUID vm) {
        guestInfos.remove(vm);
    }

    public synchronized void letGuestsIgnoreThePowerButton() {
        guestsObeyThePowerButton = false;
    }

    /** Writes fake TPM state, for tests without swtpm. */
    public void putTpm(UUID vm, String content) {
        write(layout.tpmState(vm), content);
    }

    /** What the VM's QEMU takes its first disk for, if it has it open. */
    public synchronized Optional<byte[]> openDisk(UUID vm) {
        return openDisks.seen(vm);
    }

    /** The guest has written to its first disk, which now is this. */
    public synchronized void wroteDisk(UUID vm, byte[] content) {
        openDisks.wrote(vm, content);
    }

    /** A guest changes its UEFI variables. */
    public void putVariables(UUID vm, String content) {
        write(layout.variables(vm), VariableStores.and(read(layout.variables(vm)), content));
    }

    /** Somebody uses the setup of the guest's firmware. */
    public void turnSecureBootOff(UUID vm) {
        write(layout.variables(vm), VariableStores.withSecureBoot(read(layout.variables(vm)), false));
    }

    public synchronized Optional<DomainSpec> spec(UUID vm) {
        return Optional.ofNullable(domains.get(vm)).map(Domain::spec);
    }

    public synchronized boolean holdsSecret(UUID vm) {
        return secrets.containsKey(vm);
    }

    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    void begin(Operation operation, UUID vm) {
        calls.add(new Call(operation, vm));
        failIfAsked(operation);
    }

    void failIfAsked(Operation operation) {
        HypervisorFailure failure = failures.get(operation);
        if (failure != null) {
            throw new HypervisorException(failure);
        }
    }

    /** The domain has other devices. */
    void setSpec(DomainSpec spec) {
        Domain domain = require(spec.vm());
        domains.put(spec.vm(), new Domain(spec, domain.state(), domain.vtpm()));
    }

    /** QEMU itself has changed the tables of a disk. */
    void opened(DomainSpec spec) {
        openDisks.open(spec);
    }

    private void setState(UUID vm, DomainState state) {
        Domain domain = require(vm);
        domains.put(vm, new Domain(domain.spec(), state, domain.vtpm()));
    }

    private Domain require(UUID vm) {
        return Optional.ofNullable(domains.get(vm))
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
    }

    void end(UUID vm, StopReason reason) {
        backups.forget(vm);
        synchronized (this) {
            domains.remove(vm);
            openDisks.close(vm);
            devices.forget(vm);
            lostDomains.remove(vm);
            incomplete.remove(vm);
            Optional.ofNullable(consoles.remove(vm)).ifPresent(FakeConsole::close);
            Optional.ofNullable(screens.remove(vm)).ifPresent(open -> open.forEach(FakeConsole::close));
            lastStops.put(vm, reason);
        }
        notifyListeners(vm);
    }

    private void notifyListeners(UUID vm) {
        listeners.forEach(listener -> listener.accept(vm));
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String content) {
        write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    static void write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
