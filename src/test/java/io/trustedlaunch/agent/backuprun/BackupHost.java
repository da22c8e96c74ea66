package io.trustedlaunch.agent.backuprun;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backup.QemuDiskOpener;
import io.trustedlaunch.agent.backuprun.instant.HostBackupRunWatch;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.GuestStateSealer;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.NoChanges;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RecordedWork;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.libvirt.LibvirtHypervisor;
import io.trustedlaunch.agent.libvirt.LibvirtSettings;
import io.trustedlaunch.agent.libvirt.TestHost;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Claimants;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A guest with the real libvirt, QEMU and swtpm, folders for backups, and an agent that makes them, which can die and come
 * back. Writes of the guest are commands of qemu-io, which its QEMU carries out.
 */
final class BackupHost implements AutoCloseable {
    static final long EPOCH = 1;
    private static final long BYTES = 64L << 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final TpmSecret SECRET =
            TpmSecret.of("00112233445566778899aabbccddeeff".repeat(2).getBytes(US_ASCII));

    final HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
    final ProtectionKey key = ProtectionKey.generate(new SecureRandom());
    private final GuestStateKeeper keeper =
            new GuestStateKeeper(new NoChanges(), InstantSource.system(), vm -> {}, new RecordedWork());
    final UUID vm = UUID.randomUUID();
    final List<BackupRun> runs = new ArrayList<>();
    Consumer<Failpoint> at = point -> {};
    volatile VMIncarnation incarnation;
    final TestHost host;
    final LibvirtHypervisor libvirt;
    final VmFolder folder;
    OrderPass<BackupRun, BackupRunStatus> agent;

    BackupHost() throws IOException {
        this(LibvirtSettings.system());
    }

    BackupHost(LibvirtSettings settings) throws IOException {
        host = new TestHost();
        libvirt = new LibvirtHypervisor(settings);
        folder = new VmFolder(host.folder(), vm);
        account.makePassage(folder.path());
        host.makeQcow2(folder.osDisk(), BYTES);
        host.makeQcow2(folder.dataDisk(DiskIdentity.ofFirstStart("data")), BYTES);
        BackupLocations.mark(Files.createDirectory(location("backups")));
        startGuest();
        Home home = new Home(new DiskHomeFiles(folder.path()), "host-a", UUID::randomUUID, Failpoints.none());
        keeper.begin(
                GuestStateSealer.open(
                        EPOCH,
                        Claimants.HOST_A,
                        Optional.empty(),
                        Optional.empty(),
                        Vms.EK,
                        home,
                        key.guestStateKey(vm),
                        new SecureRandom(),
                        state -> {}),
                libvirt.workingCopy(vm));
        keeper.seal(vm);
        incarnation = incarnation(Incarnations.spec(EPOCH));
        startAgent();
        libvirt.resume(vm);
    }

    /** Paused, with a TPM of its own and the disks that are there. */
    private void startGuest() {
        DomainSpec spec = spec();
        libvirt.prepareVariables(spec);
        host.manufacture(vm, SECRET);
        libvirt.createPaused(spec, SECRET);
    }

    private DomainSpec spec() {
        return DomainSpecBuilder.builder(host.emptyQcow2(vm, EPOCH, BYTES))
                .osDisk(new Disk("os", folder.osDisk(), DiskFormat.QCOW2))
                .dataDisks(
                        List.of(new Disk("data", folder.dataDisk(DiskIdentity.ofFirstStart("data")), DiskFormat.QCOW2)))
                .build();
    }

    /** Its QEMU has died. */
    void restartGuest() {
        libvirt.eraseState(vm);
        startGuest();
        libvirt.resume(vm);
    }

    void killQemu() {
        try {
            ProcessHandle qemu = host.qemu(spec());
            qemu.destroyForcibly();
            await().atMost(TIMEOUT)
                    .until(() -> !qemu.isAlive() && libvirt.find(vm).isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the agent once, and returns when it has done what it can. */
    void pass() {
        agent.run(vm, () -> Optional.of(List.copyOf(runs)));
    }

    VMIncarnation incarnation(VMIncarnationSpecBuilder spec) {
        return Incarnations.incarnation(
                spec.vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, vm.toString(), null))
                        .machine(Incarnations.machine()
                                .location(new VMIncarnationSpec.Location(
                                        "default", host.folder().toString()))
                                .dataDisks(List.of(new VMIncarnationSpec.Disk("data", new Quantity("64Mi"))))
                                .build())
                        .ekDigest(Vms.EK)
                        .envelope("AAAA")
                        .build(),
                null);
    }

    BackupRunRecords records() {
        return new BackupRunRecords(host.folder().resolve("runs"));
    }

    /** Also in place of one that has died. */
    void startAgent() {
        agent = BackupPartBuilder.builder()
                .guests(new GuestReader(libvirt, keeper, uid -> Optional.of(incarnation), () -> false))
                .pause(new GuestPause(libvirt))
                .secrets(new Secrets((envelope, address) -> new EnvelopeContent(address, key, Map.of()), "host-a"))
                .vms(new VmRecordStore(host.folder().resolve("memory")))
                .records(records())
                .watch(HostBackupRunWatch.of("qemu:///system"))
                .disks(new QemuDiskOpener(new ConfinedTools(account), Duration.ofSeconds(60)))
                .files(new RunFiles(
                        account,
                        new QemuImg(Duration.ofSeconds(60), Duration.ofSeconds(60), account),
                        host.folder().resolve("sockets")))
                .stores(new RunStores(FolderStore::new, (run, envelope, storeID) -> {
                    throw new AssertionError("no bucket");
                }))
                .room(new FreeSpaceGuard(path -> 10L << 30))
                .watched(new SupervisedWork(Duration.ofMillis(100)))
                .environment(new Environment(
                        Failpoints.calling(point -> at.accept(point)), InstantSource.system(), new SecureRandom()))
                .build()
                .pass(this::write);
    }

    @Override
    public void close() throws IOException {
        keeper.close();
        libvirt.destroy(vm);
        libvirt.eraseState(vm);
        libvirt.close();
        host.close();
    }

    BackupRun backUp(String location) {
        BackupRun run = request(location);
        pass();
        assertThat(status(run).phase()).as(status(run).message()).isEqualTo(RunPhase.Completed);
        return run;
    }

    BackupRun request(String location) {
        BackupRun run = new BackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withName("run-" + runs.size())
                .withUid(UUID.randomUUID().toString())
                .withResourceVersion("1")
                .build());
        run.setSpec(BackupRunSpecBuilder.builder()
                .nodeName("host-a")
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, vm.toString()))
                .backupRef(new BackupRunSpec.Backup("backup", UUID.randomUUID().toString()))
                .epoch(EPOCH)
                .location(BackupLocations.ref(location, location(location).toString()))
                .mode(BackupMode.Auto)
                .completed(runs.stream()
                        .filter(each -> each.getSpec().location().name().equals(location))
                        .filter(each -> status(each).result() != null)
                        .map(each -> new BackupRunSpec.Completed(
                                each.getMetadata().getUid(),
                                result(each).indexSHA256(),
                                result(each).time()))
                        .toList()
                        .reversed())
                .build());
        runs.add(run);
        return run;
    }

    BackupRun write(BackupRun run, BackupRunStatus status) {
        run.setStatus(status);
        return run;
    }

    static BackupRunStatus status(BackupRun run) {
        return run.getStatus();
    }

    static BackupResult result(BackupRun run) {
        return run.getStatus().result();
    }

    Path location(String name) {
        return host.folder().resolve(name);
    }

    boolean runs() {
        return libvirt.find(vm).orElseThrow().state() instanceof DomainState.Running;
    }

    void write(int disk, String command) {
        Command.Result result = Command.of(
                        Duration.ofSeconds(30),
                        "virsh",
                        "qemu-monitor-command",
                        vm.toString(),
                        "--hmp",
                        "qemu-io -d /machine/peripheral/virtio-disk" + disk + "/virtio-backend \"" + command + "\"")
                .run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
        assertThat(result.output()).doesNotContainIgnoringCase("error", "failed");
    }

    /** As swtpm would, which does not read the file before it starts again. */
    void writeTpm(String text) {
        try {
            Files.writeString(libvirt.workingCopy(vm).tpmState(), text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it is now. */
    String tpm() {
        try {
            return new String(Files.readAllBytes(libvirt.workingCopy(vm).tpmState()), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String tpmIn(BackupRun run) throws IOException {
        byte[] file = BackupLocations.store(location("backups"))
                .read(id(run), BackupFileName.GUEST_STATE, 8 << 20)
                .orElseThrow();
        try (GuestStateKey stateKey = key.guestStateKey(vm)) {
            var opening = SealedGuestState.open(file, vm, result(run).guestState(), stateKey);
            byte[] tpm = ((SealedGuestState.Opening.Opened) opening).state().tpm();
            return new String(tpm, US_ASCII);
        }
    }

    private BackupId id(BackupRun run) {
        return new BackupId(vm, BackupRunRecord.uid(run));
    }

    void assertWhole(BackupRun run, String location) throws IOException {
        assertThat(new BackupVerification(BackupLocations.store(location(location)), bytes -> {})
                        .verify(ref(run))
                        .findings())
                .isEmpty();
    }

    private BackupRef ref(BackupRun run) {
        return new BackupRef(id(run), result(run).indexSHA256());
    }

    /** @param disk by its name in backups */
    void assertContent(String location, String disk, BackupRun run, String... reads) throws IOException {
        Path restored = host.folder().resolve("restored");
        Files.deleteIfExists(restored);
        try (BackupKeys keys = BackupKeys.of(key, vm);
                FileChannel file = FileChannel.open(restored, CREATE_NEW, WRITE)) {
            BackupStore store = BackupLocations.store(location(location));
            OpenedBackup opened =
                    ((OpenedBackup.Opening.Opened) OpenedBackup.open(store, ref(run), keys.description())).backup();
            BackupDescription.Disk saved = opened.description().disk(disk).orElseThrow();
            file.write(ByteBuffer.wrap(new byte[1]), saved.virtualBytes() - 1);
            new SavedDisk(
                            Geometry.STANDARD,
                            new PackFiles(store, vm),
                            new PackKeys(keys.packSecret()),
                            saved.map(),
                            saved.virtualBytes())
                    .restore(() -> writer(file), 2, bytes -> {});
        }
        for (String read : reads) {
            Command.Result result = Command.of(
                            Duration.ofSeconds(30), "qemu-io", "-r", "-f", "raw", "-c", read, restored.toString())
                    .run();
            assertThat(result.output()).as(read).doesNotContain("verification failed", "rror");
            assertThat(result.succeeded()).as(read + ": " + result.output()).isTrue();
        }
    }

    private static SavedDisk.Target.Writer writer(FileChannel file) {
        return new SavedDisk.Target.Writer() {
            @Override
            public void write(long offset, ByteBuffer from) throws IOException {
                for (long next = offset; from.hasRemaining(); ) {
                    next += file.write(from, next);
                }
            }

            @Override
            public void close() {
                // The file is closed once.
            }
        };
    }

    void assertNothingIsLeft(BackupRun last) throws IOException {
        assertThat(runs()).isTrue();
        assertThat(libvirt.backups().job(vm)).isEmpty();
        assertThat(libvirt.backups().checkpoints(vm))
                .containsExactly(last.getMetadata().getUid());
        assertThat(staged()).isEmpty();
    }

    List<Path> staged() throws IOException {
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.filter(VmFolder::isBackup).toList();
        }
    }
}
