package io.trustedlaunch.agent.backuprun;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.backup.BackupDisks;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.NoChanges;
import io.trustedlaunch.agent.gueststate.SealedLine;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RecordedWork;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.libvirt.InsideAHost;
import io.trustedlaunch.agent.libvirt.LibvirtHypervisor;
import io.trustedlaunch.agent.libvirt.LibvirtSettings;
import io.trustedlaunch.agent.libvirt.TestHost;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.BackupMode;
import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunSpec;
import io.trustedlaunch.api.BackupRunSpecBuilder;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs of backups with the real libvirt, QEMU and swtpm. Writes of the guest are commands of qemu-io, which its QEMU carries out. */
@InsideAHost
class BackupRunIT {
    private static final long EPOCH = 1;
    private static final long BYTES = 64L << 20;
    private static final TpmSecret SECRET =
            TpmSecret.of("00112233445566778899aabbccddeeff".repeat(2).getBytes(US_ASCII));

    private final HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
    private final BackupDisks disks = new BackupDisks(new ConfinedTools(account), Duration.ofSeconds(60));
    private final ProtectionKey key = ProtectionKey.generate(new SecureRandom());
    private final GuestStateKeeper keeper =
            new GuestStateKeeper(new NoChanges(), InstantSource.system(), vm -> {}, new RecordedWork());
    private final UUID vm = UUID.randomUUID();
    private final List<BackupRun> runs = new ArrayList<>();
    private Consumer<Failpoint> at = point -> {};
    private volatile VMIncarnation incarnation;
    private TestHost host;
    private LibvirtHypervisor libvirt;
    private VmFolder folder;
    private RunPass agent;

    @BeforeEach
    void startGuest() throws IOException {
        host = new TestHost();
        libvirt = new LibvirtHypervisor(LibvirtSettings.system());
        folder = new VmFolder(host.folder(), vm);
        account.makePassage(folder.path());
        host.makeQcow2(folder.osDisk(), BYTES);
        host.makeQcow2(folder.dataDisk("data"), BYTES);
        Files.createDirectory(location("backups"));
        DomainSpec spec = DomainSpecBuilder.builder(host.emptyQcow2(vm, EPOCH, BYTES))
                .osDisk(new Disk("os", folder.osDisk(), DiskFormat.QCOW2))
                .dataDisks(List.of(new Disk("data", folder.dataDisk("data"), DiskFormat.QCOW2)))
                .build();
        libvirt.prepareVariables(spec);
        host.manufacture(vm, SECRET);
        libvirt.createPaused(spec, SECRET);
        Home home = new Home(new DiskHomeFiles(folder.path()), "host-a", UUID::randomUUID, Failpoints.none());
        keeper.begin(
                SealedLine.open(
                        EPOCH, Optional.empty(), Vms.EK, home, key.guestStateKey(vm), new SecureRandom(), state -> {}),
                libvirt.workingCopy(vm));
        keeper.seal(vm);
        incarnation = incarnation(Incarnations.spec(EPOCH));
        startAgent();
        libvirt.resume(vm);
    }

    private VMIncarnation incarnation(VMIncarnationSpecBuilder spec) {
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

    private void startAgent() {
        agent = new RunPass(
                BackupWiringBuilder.builder()
                        .hypervisor(libvirt)
                        .guests(new GuestReader(libvirt, keeper, uid -> Optional.of(incarnation), () -> false))
                        .keeper(keeper)
                        .pause(new GuestPause(libvirt))
                        .secrets(new Secrets(
                                (envelope, address) -> new EnvelopeContent(address, key, Map.of()), "host-a"))
                        .vms(new VmRecordStore(host.folder().resolve("memory")))
                        .records(new RunRecords(host.folder().resolve("runs")))
                        .disks(new QemuImg(Duration.ofSeconds(60), Duration.ofSeconds(60), account))
                        .copies(disks)
                        .account(account)
                        .sockets(host.folder().resolve("sockets"))
                        .buckets((run, envelope) -> {
                            throw new AssertionError("no bucket");
                        })
                        .stores(FolderStore::new)
                        .room(new RunRoom(path -> 10L << 30))
                        .watched(new Watched(Duration.ofMillis(100)))
                        .failpoints(Failpoints.calling(point -> at.accept(point)))
                        .clock(InstantSource.system())
                        .random(new SecureRandom())
                        .build(),
                this::write);
    }

    @AfterEach
    void cleanUp() throws IOException {
        keeper.close();
        libvirt.destroy(vm);
        libvirt.eraseState(vm);
        libvirt.close();
        host.close();
    }

    @Test
    void aFullBackupAndOneOfTheChangesRestoreTheirInstants() throws IOException {
        write(0, "write -P 1 0 4M");
        write(1, "write -P 2 32M 4M");
        at = point -> {
            if (point == Failpoint.BACKUP_TAKEN) {
                write(0, "write -P 9 0 1M");
            }
        };
        BackupRun first = backUp("backups");
        at = point -> {};
        write(1, "write -z -u 32M 1M");
        BackupRun second = backUp("backups");

        assertThat(result(first).type()).isEqualTo(BackupResult.Type.Full);
        assertThat(result(second).type()).isEqualTo(BackupResult.Type.Incremental);
        assertThat(result(second).changed().getNumericalAmount().longValue()).isEqualTo(2 << 20);
        assertWhole(second, "backups");
        assertContent("backups", BackupFileName.ROOT_DISK, List.of(first), "read -P 1 0 4M", "read -P 0 4M 60M");
        assertContent("backups", BackupFileName.ROOT_DISK, List.of(second, first), "read -P 9 0 1M", "read -P 1 1M 3M");
        String data = BackupFileName.ofDataDisk("data");
        assertContent("backups", data, List.of(first), "read -P 2 32M 4M");
        assertContent("backups", data, List.of(second, first), "read -P 0 32M 1M", "read -P 2 33M 3M");
        assertNothingIsLeft(second);
    }

    @Test
    void eachLocationHasAChainOfItsOwn() throws IOException {
        Files.createDirectory(location("other"));
        write(0, "write -P 1 0 4M");
        BackupRun one = backUp("backups");
        write(0, "write -P 2 1M 64k");
        BackupRun other = backUp("other");
        write(0, "write -P 3 2M 64k");

        BackupRun changes = backUp("backups");

        assertThat(result(other).type()).isEqualTo(BackupResult.Type.Full);
        assertThat(result(changes).changed().getNumericalAmount().longValue()).isEqualTo(2 * (64 << 10));
        assertContent(
                "backups",
                BackupFileName.ROOT_DISK,
                List.of(changes, one),
                "read -P 1 0 1M",
                "read -P 2 1M 64k",
                "read -P 3 2M 64k");
        assertThat(libvirt.backups().checkpoints(vm))
                .containsExactlyInAnyOrder(
                        changes.getMetadata().getUid(), other.getMetadata().getUid());
    }

    @Test
    void aGuestThatWritesItsTpmAndItsDiskTogetherIsSavedAtOneInstant() throws IOException {
        AtomicInteger begun = new AtomicInteger();
        at = point -> {
            if (point == Failpoint.BACKUP_BEGUN && begun.incrementAndGet() <= 2) {
                write(0, "write -P " + (10 + begun.get()) + " 0 64k");
                writeTpm("number " + begun.get());
            }
        };

        BackupRun run = backUp("backups");

        assertThat(begun).hasValue(3);
        assertThat(result(run).pauseMilliseconds()).isZero();
        assertContent("backups", BackupFileName.ROOT_DISK, List.of(run), "read -P 12 0 64k");
        assertThat(tpmIn(run)).endsWith("number 2");
        assertNothingIsLeft(run);
    }

    @Test
    void aGuestThatNeverStopsIsPausedForTheInstant() throws IOException {
        at = point -> {
            if (point == Failpoint.BACKUP_BEGUN && runs()) {
                writeTpm("again");
            }
        };

        BackupRun run = backUp("backups");

        assertThat(result(run).pauseMilliseconds()).isBetween(1L, 5000L);
        assertWhole(run, "backups");
        assertNothingIsLeft(run);
    }

    @Test
    void aGuestThatMigratesWaitsForNoBackup() throws IOException {
        at = point -> {
            if (point == Failpoint.BACKUP_TAKEN) {
                incarnation = incarnation(Incarnations.spec(EPOCH)
                        .departure(Incarnations.departure(2, "host-b").build()));
            }
        };
        // So that the copy takes longer than one look at the incarnation.
        write(0, "write -P 1 0 64M");
        write(1, "write -P 1 0 64M");

        BackupRun run = request("backups");
        agent.run(vm, () -> Optional.of(List.copyOf(runs)));

        assertThat(status(run).reason()).isEqualTo(Reason.BackupGaveWay.name());
        assertThat(libvirt.backups().job(vm)).isEmpty();
        assertThat(libvirt.backups().checkpoints(vm)).isEmpty();
        assertThat(staged()).isEmpty();
        assertThat(runs()).isTrue();
    }

    private BackupRun backUp(String location) {
        BackupRun run = request(location);
        agent.run(vm, () -> Optional.of(List.copyOf(runs)));
        assertThat(status(run).phase()).as(status(run).message()).isEqualTo(BackupRunStatus.Phase.Completed);
        return run;
    }

    private BackupRun request(String location) {
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
                .location(
                        new BackupRunSpec.Location(location, location(location).toString()))
                .mode(BackupMode.Auto)
                .completed(runs.stream()
                        .filter(each -> each.getSpec().location().name().equals(location))
                        .filter(each -> status(each).result() != null)
                        .map(each -> new BackupRunSpec.Completed(
                                each.getMetadata().getUid(),
                                result(each).parentUID(),
                                result(each).indexSHA256(),
                                result(each).time()))
                        .toList()
                        .reversed())
                .build());
        runs.add(run);
        return run;
    }

    private BackupRun write(BackupRun run, BackupRunStatus status) {
        run.setStatus(status);
        return run;
    }

    private static BackupRunStatus status(BackupRun run) {
        return run.getStatus();
    }

    private static BackupResult result(BackupRun run) {
        return run.getStatus().result();
    }

    private Path location(String name) {
        return host.folder().resolve(name);
    }

    private boolean runs() {
        return libvirt.find(vm).orElseThrow().state() instanceof DomainState.Running;
    }

    private void write(int disk, String command) {
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
    private void writeTpm(String text) {
        try {
            Files.writeString(libvirt.workingCopy(vm).tpmState(), text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String tpmIn(BackupRun run) throws IOException {
        byte[] file = new FolderStore(location("backups"))
                .read(id(run), BackupFileName.GUEST_STATE, 8 << 20)
                .orElseThrow();
        try (GuestStateKey stateKey = key.guestStateKey(vm)) {
            var opening = SealedGuestState.open(file, vm, result(run).guestState(), stateKey);
            byte[] tpm = ((SealedGuestState.Opening.Opened) opening).state().tpm();
            return new String(tpm, US_ASCII);
        }
    }

    private BackupId id(BackupRun run) {
        return new BackupId(vm, RunRecord.uid(run));
    }

    private void assertWhole(BackupRun run, String location) throws IOException {
        try (BackupDescriptionKey description = key.backupDescriptionKey(vm)) {
            assertThat(new BackupVerification(new FolderStore(location(location)), bytes -> {})
                            .verify(new BackupRef(id(run), result(run).indexSHA256()), description)
                            .findings())
                    .isEmpty();
        }
    }

    /** @param chain the newest first */
    private void assertContent(String location, String disk, List<BackupRun> chain, String... reads)
            throws IOException {
        List<Path> layers = new ArrayList<>();
        for (BackupRun run : chain) {
            Path stored = location(location)
                    .resolve(vm.toString())
                    .resolve(run.getMetadata().getUid())
                    .resolve(disk);
            Path layer = host.folder().resolve("layer-" + layers.size());
            Files.deleteIfExists(layer);
            Files.copy(stored, layer);
            account.show(layer);
            layers.add(layer);
        }
        Path restored = host.folder().resolve("restored");
        Files.deleteIfExists(restored);
        account.give(Files.createFile(restored));
        disks.restore(layers, key.backupPassphrase(vm), restored);
        for (String read : reads) {
            Command.Result result = Command.of(
                            Duration.ofSeconds(30), "qemu-io", "-r", "-f", "qcow2", "-c", read, restored.toString())
                    .run();
            assertThat(result.output()).as(read).doesNotContain("verification failed", "rror");
            assertThat(result.succeeded()).as(read + ": " + result.output()).isTrue();
        }
        QemuImages.qemuImg("check", "-f", "qcow2", restored.toString());
    }

    private void assertNothingIsLeft(BackupRun last) throws IOException {
        assertThat(runs()).isTrue();
        assertThat(libvirt.backups().job(vm)).isEmpty();
        assertThat(libvirt.backups().checkpoints(vm))
                .containsExactly(last.getMetadata().getUid());
        assertThat(staged()).isEmpty();
    }

    private List<Path> staged() throws IOException {
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.filter(VmFolder::isBackup).toList();
        }
    }
}
