package io.trustedlaunch.agent.restorerun;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.backup.BackupExtraction;
import io.trustedlaunch.agent.backup.WrittenDisk;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpecBuilder;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** A stopped VM's folder, a backup of it that uses packs of an earlier one, and an agent that can die and come back. */
final class RestoreWorld {
    static final UUID VM = UUID.fromString(Vms.UID);
    static final UUID COPY = UUID.fromString("c0b1ed00-0031-4c5f-9f5a-6f8e1f0b7c11");
    static final String RESTORE = "0b9d8c1e-5b7f-4c39-9a55-1f2e3d4c5b6a";

    /** Of the fixture's backups, and the VM's epoch then. */
    static final GuestStateVersion SAVED = new GuestStateVersion(7L, 212L);

    static final GuestStateVersion NEWER = new GuestStateVersion(8L, 30L);
    private static final int BYTES = 1 << 20;
    private static final int BLOCK = 64 << 10;

    final BackupFixture backups = new BackupFixture(1);
    final BackupIndex full;
    final BackupIndex wanted;
    final VmFolder folder;
    final VmFolder copy;
    final FakeHypervisor hypervisor;
    final List<RestoreRunStatus> written = new ArrayList<>();
    final List<RestoreRun> runs = new ArrayList<>();

    /** Called at each failpoint. */
    Consumer<Failpoint> at = point -> {};

    /** Called while disks are made. */
    Runnable whileMaking = () -> {};

    /** Names of files. */
    final List<String> disksMade = new ArrayList<>();

    Ownership owner;
    Optional<Problem> location = Optional.empty();
    boolean serverDown;
    boolean dataIsCurrent = true;

    final Map<String, Problem> fenceProblems = new HashMap<>();
    long free = 10L << 30;

    private static final byte[] GRANT = {1, 2, 3};

    private final HypervisorAccount account;

    private OrderPass<RestoreRun, RestoreRunStatus> agent;

    RestoreWorld(Path root) throws IOException {
        account = Accounts.ownerOf(root);
        hypervisor = new FakeHypervisor(root);
        folder = new VmFolder(Files.createDirectory(root.resolve("vms")), VM);
        copy = new VmFolder(folder.location(), COPY);
        account.makePassage(folder.path());
        Files.writeString(folder.osDisk(), "present root");
        Files.writeString(folder.dataDisk(DiskIdentity.ofFirstStart("data")), "present data");
        Files.writeString(state(NEWER), "present state");
        Files.writeString(state(new GuestStateVersion(7L, 100L)), "old state");
        Files.writeString(folder.path().resolve("protection-key-8.p7m"), "escrow");
        full = backup(1, Optional.empty(), disk("full of root"));
        wanted = backup(2, Optional.of(full), disk("full of root", "changes of root"));
        onRecord(status -> status);
        request(spec -> spec);
        startAgent();
    }

    Path state(GuestStateVersion version) {
        return folder.path().resolve("guest-state-" + version.epoch() + "-" + version.generation() + ".p7m");
    }

    private BackupIndex backup(int number, Optional<BackupIndex> before, byte[] root) {
        return backups.make(
                VM,
                number,
                before,
                new BackupFixture.Content(
                        Map.of(DiskName.ROOT, root, DiskName.ofData("data"), disk("full of data")),
                        Map.of(
                                BackupFileName.GUEST_STATE,
                                (before.isPresent() ? "saved state" : "earlier state").getBytes(UTF_8))),
                backups.key);
    }

    /** A text at the start of each block. */
    private static byte[] disk(String... blocks) {
        byte[] content = new byte[BYTES];
        for (int block = 0; block < blocks.length; block++) {
            byte[] text = blocks[block].getBytes(UTF_8);
            System.arraycopy(text, 0, content, block * BLOCK, text.length);
        }
        return content;
    }

    interface StatusChange {
        TrustedLaunchVMStatusRestoreBuilder change(TrustedLaunchVMStatusRestoreBuilder restore);
    }

    /** What the VM's status says of the restore. */
    void onRecord(StatusChange change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .epoch(NEWER.epoch())
                .restore(change.change(TrustedLaunchVMStatusRestoreBuilder.builder()
                                .uid(RESTORE)
                                .guestState(SAVED)
                                .approvedBy("ada")
                                .nodeName("host-a")
                                .afterEpoch(8L))
                        .build())
                .build());
        owner = new Ownership.Found(vm);
    }

    interface SpecChange {
        RestoreRunSpecBuilder change(RestoreRunSpecBuilder spec);
    }

    /** A new VM is created beside that of the folder. */
    void requestCopy(SpecChange change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setUid(COPY.toString());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .restore(TrustedLaunchVMStatusRestoreBuilder.builder()
                        .uid(RESTORE)
                        .nodeName("host-a")
                        .build())
                .build());
        owner = new Ownership.Found(vm);
        request(spec ->
                change.change(spec.vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, COPY.toString(), null))
                        .epoch(0L)
                        .guestState(null)
                        .copyOf(new CloneSource(Vms.UID, BackupFixture.IMAGE))
                        .osDiskSize(new Quantity("1Mi"))
                        .dataDisks(List.of(new VMIncarnationSpec.Disk("data", new Quantity("2Mi"))))));
    }

    void request(SpecChange change) {
        RestoreRun run = new RestoreRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Incarnations.NAMESPACE)
                .withName(RESTORE)
                .withUid(UUID.randomUUID().toString())
                .withResourceVersion("1")
                .build());
        run.setSpec(change.change(RestoreRunSpecBuilder.builder()
                        .nodeName("host-a")
                        .vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null))
                        .epoch(NEWER.epoch())
                        .storageLocation(new VMIncarnationSpec.Location(
                                "default", folder.location().toString()))
                        .backup(new RecordedBackup(
                                "monday",
                                wanted.backup().toString(),
                                wanted.ref().indexSHA256()))
                        .location(BackupLocations.ref("backups", "/backups"))
                        .guestState(SAVED)
                        .dataDisks(List.of(new VMIncarnationSpec.Disk("data", new Quantity("1Mi"))))
                        .envelope("c2VhbGVk"))
                .build());
        runs.clear();
        runs.add(run);
    }

    /** Also in place of one that has died. */
    void startAgent() {
        agent = RestorePartBuilder.builder()
                .nodeName("host-a")
                .hypervisor(hypervisor)
                .locations(path -> location)
                .gate(new FolderGate(
                        ref -> owner,
                        (fence, location) -> Optional.ofNullable(fenceProblems.get(fence)),
                        () -> dataIsCurrent,
                        folder -> new Home(
                                        new DiskHomeFiles(folder.path()), "host-a", UUID::randomUUID, Failpoints.none())
                                .versions(),
                        "host-a"))
                .extraction(new ExtractionTools(
                        (envelope, expected) ->
                                new RestoreEnvelope.Content(BackupKeys.of(backups.key, expected.vm()), GRANT),
                        (from, grant) -> {
                            assertThat(grant).isEqualTo(GRANT);
                            return backups.store;
                        },
                        new Maker(),
                        account))
                .room(new FreeSpaceGuard(path -> free))
                .watched(new SupervisedWork(Duration.ofMillis(5)))
                .environment(new Environment(
                        Failpoints.calling(point -> at.accept(point)), Instant::now, new SecureRandom()))
                .build()
                .pass(this::write);
    }

    void stopAgent() {
        try {
            agent.stop(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Optional<Duration> pass() {
        return agent.run(folder.vm(), () -> Optional.of(List.copyOf(runs)));
    }

    RestoreRunStatus status() {
        return runs.getFirst().getStatus();
    }

    private final class Maker implements BackupExtraction.DiskMaker {
        /** A header, and the texts of its blocks. */
        @Override
        public void make(Path disk, long bytes, BackupExtraction.Content content) throws IOException {
            makeHeader(disk, bytes);
            String texts = new String(WrittenDisk.of(bytes, content), UTF_8).replaceAll("\0+", ", ");
            Files.writeString(disk, "\n" + texts + "end", StandardOpenOption.APPEND);
        }

        @Override
        public void makeUnfilled(Path disk, long bytes, FillBacking backing) {
            makeHeader(disk, bytes);
            new FakeDiskTool().setBacking(disk, backing);
        }

        private void makeHeader(Path disk, long bytes) {
            disksMade.add(disk.getFileName().toString());
            whileMaking.run();
            new FakeDiskTool().create(disk, bytes);
        }
    }

    private RestoreRun write(RestoreRun run, RestoreRunStatus status) {
        if (serverDown) {
            throw new KubernetesClientException("connection refused");
        }
        written.add(status);
        RestoreRun stored = new RestoreRun();
        stored.setMetadata(new ObjectMetaBuilder(run.getMetadata())
                .withResourceVersion(Integer.toString(written.size() + 1))
                .build());
        stored.setSpec(run.getSpec());
        stored.setStatus(status);
        runs.replaceAll(each -> stored);
        return stored;
    }
}
