package io.trustedlaunch.agent.backuprun;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.backup.DiskOpener;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.GuestStateSealer;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.NoChanges;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RecordedWork;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeGuestBackups;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Claimants;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A guest that runs on a host, a folder for backups, and an agent that can die and come back. */
final class BackupWorld implements AutoCloseable {
    static final UUID VM = UUID.fromString(Vms.UID);
    static final long EPOCH = 3;
    private static final TpmSecret SECRET =
            TpmSecret.of("00112233445566778899aabbccddeeff".repeat(2).getBytes(US_ASCII));

    final FakeHypervisor hypervisor;
    final VmFolder folder;
    final Path location;
    final BackupRunRecords records;
    final ProtectionKey key = ProtectionKey.generate(new SecureRandom());
    final List<BackupRun> runs = new ArrayList<>();
    final List<BackupRunStatus> written = new ArrayList<>();

    /** UIDs of backups that are damaged by what is on record. */
    final List<String> damaged = new ArrayList<>();

    /** Called at each failpoint. */
    Consumer<Failpoint> at = point -> {};

    /** In place of any bucket. */
    BackupStore bucket;

    final ModelDisks disks;

    /** Opens the disks, from the agent's next start on. */
    DiskOpener opener;

    /** Runs whose guests are watched for the death of the agent. */
    final List<UUID> watched = new ArrayList<>();

    Optional<VMIncarnation> incarnation;
    boolean synced = true;
    boolean serverDown;
    boolean hostShutsDown;
    long free = 10L << 30;
    Instant now = Instant.parse("2026-03-01T12:00:00Z");

    /** As the API server has the VM. */
    final TrustedLaunchVM vm = Vms.vm(Vms.spec().build());

    Ownership owner = new Ownership.Found(vm);
    boolean dataIsCurrent = true;

    private final HypervisorAccount account;
    private final Path root;
    private final GuestStateKeeper keeper =
            new GuestStateKeeper(new NoChanges(), () -> now, vm -> {}, new RecordedWork());
    private OrderPass<BackupRun, BackupRunStatus> agent;
    private int tpm;

    BackupWorld(Path root) throws IOException {
        this.root = root;
        account = Accounts.ownerOf(root);
        hypervisor = new FakeHypervisor(root);
        location = BackupLocations.mark(Files.createDirectory(root.resolve("backups")));
        bucket = BackupLocations.store(location);
        folder = new VmFolder(Files.createDirectory(root.resolve("vms")), VM);
        disks = new ModelDisks(folder, backups());
        opener = disks;
        records = new BackupRunRecords(root.resolve("runs"));
        account.makePassage(folder.path());
        for (Path disk : List.of(folder.osDisk(), folder.dataDisk(DiskIdentity.ofFirstStart("data")))) {
            Files.createFile(disk);
            new FakeDiskTool().create(disk, ModelDisks.BYTES);
            backups().write(disk, 1, 1);
        }
        incarnation = Optional.of(incarnation(spec -> spec));
        startGuest();
        startAgent();
    }

    private VMIncarnation incarnation(UnaryOperator<VMIncarnationSpecBuilder> change) {
        VMIncarnationSpecBuilder spec = Incarnations.spec(EPOCH)
                .machine(Incarnations.machine()
                        .location(new VMIncarnationSpec.Location(
                                "default", folder.location().toString()))
                        .build())
                .ekDigest(Vms.EK)
                .escrow(Base64.getEncoder().encodeToString("escrow".getBytes(US_ASCII)))
                .envelope(Base64.getEncoder().encodeToString("envelope".getBytes(US_ASCII)));
        return Incarnations.incarnation(change.apply(spec).build(), null);
    }

    void change(UnaryOperator<VMIncarnationSpecBuilder> change) {
        incarnation = Optional.of(incarnation(change));
    }

    private void startGuest() throws IOException {
        DomainSpec spec = spec();
        hypervisor.prepareVariables(spec);
        hypervisor.putTpm(VM, "tpm 0");
        hypervisor.createPaused(spec, SECRET);
        keep(Optional.empty());
        hypervisor.resume(VM);
        keeper.seal(VM);
    }

    private void keep(Optional<GuestStateVersion> last) throws IOException {
        Home home = new Home(new DiskHomeFiles(folder.path()), "host-a", UUID::randomUUID, Failpoints.none());
        GuestStateSealer line = GuestStateSealer.open(
                EPOCH,
                Claimants.HOST_A,
                last,
                Optional.empty(),
                Vms.EK,
                home,
                key.guestStateKey(VM),
                new SecureRandom(),
                state -> {});
        keeper.begin(line, hypervisor.workingCopy(VM));
    }

    private DomainSpec spec() {
        return DomainSpecBuilder.builder(Specs.small(VM, EPOCH, folder.path()))
                .dataDisks(
                        List.of(new Disk("data", folder.dataDisk(DiskIdentity.ofFirstStart("data")), DiskFormat.QCOW2)))
                .build();
    }

    /** Again, with what its disks and its TPM have. */
    void startDomain() {
        hypervisor.createPaused(spec(), SECRET);
        hypervisor.resume(VM);
    }

    /** Also in place of one that has died. */
    void startAgent() {
        agent = BackupPartBuilder.builder()
                .guests(new GuestReader(hypervisor, keeper, vm -> incarnation, () -> hostShutsDown))
                .pause(new GuestPause(hypervisor))
                .secrets(new Secrets(
                        (envelope, address) -> new EnvelopeContent(
                                new EnvelopeAddress(address.vmUid(), address.epoch(), address.nodeName()),
                                key,
                                Map.of()),
                        "host-a"))
                .stopped(new StoppedVms(
                        (envelope, expected) -> new RestoreEnvelope.Content(
                                openKeys(new String(envelope, US_ASCII), expected), new byte[0]),
                        ref -> owner,
                        () -> dataIsCurrent))
                .vms(new VmRecordStore(root.resolve("memory")))
                .records(records)
                .watch((run, vm, record) -> {
                    if (!Files.exists(record) || backups().job(vm).isPresent()) {
                        throw new IllegalStateException("the watch begins before the job, and ends with the record");
                    }
                    watched.add(run);
                })
                .disks(opener)
                .files(new RunFiles(account, new FakeDiskTool(), root.resolve("sockets")))
                .stores(new RunStores(FolderStore::new, (run, envelope, storeID) -> bucket))
                .room(new FreeSpaceGuard(path -> free))
                .watched(new SupervisedWork(Duration.ofMillis(5)))
                .environment(
                        new Environment(Failpoints.calling(point -> at.accept(point)), () -> now, new SecureRandom()))
                .build()
                .pass(this::write);
    }

    private BackupKeys openKeys(String envelope, RestoreEnvelope.Address expected) {
        if (!envelope.equals(
                "keys for " + expected.restoreRun() + " of " + expected.vm() + " on " + expected.nodeName())) {
            throw new RefusedException(Reason.EnvelopeRefused, "not for " + expected);
        }
        return BackupKeys.of(key, expected.vm());
    }

    /** Returns the state that the guest has left. */
    GuestStateVersion stopGuest() throws IOException {
        keeper.seal(VM);
        GuestStateVersion last =
                keeper.state(VM).orElseThrow().newest().orElseThrow().version();
        keeper.end(VM);
        hypervisor.destroy(VM);
        onRecord(status -> status);
        return last;
    }

    void onRecord(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        vm.setStatus(
                change.apply(TrustedLaunchVMStatusBuilder.builder().epoch(EPOCH).nodeName("host-a"))
                        .build());
    }

    /** The guest that has stopped starts again. */
    void startAgain(GuestStateVersion last) throws IOException {
        startDomain();
        keep(Optional.of(last));
    }

    /** Requests a backup of the guest that has stopped. */
    BackupRun requestStopped(GuestStateVersion state) {
        return requestStopped(state, spec -> spec);
    }

    BackupRun requestStopped(GuestStateVersion state, UnaryOperator<BackupRunSpecBuilder> change) {
        BackupRun run = request(spec -> change.apply(spec.guestState(state)));
        String keys = "keys for " + run.getMetadata().getName() + " of " + VM + " on host-a";
        run.setSpec(BackupRunSpecBuilder.builder(run.getSpec())
                .keys(Base64.getEncoder().encodeToString(keys.getBytes(US_ASCII)))
                .build());
        return run;
    }

    Optional<Duration> pass() {
        return agent.run(VM, () -> synced ? Optional.of(List.copyOf(runs)) : Optional.empty());
    }

    boolean stopAgent() throws InterruptedException {
        return agent.stop(Duration.ofMinutes(1));
    }

    /** Requests a backup after those that completed. */
    BackupRun request(UnaryOperator<BackupRunSpecBuilder> change) {
        BackupRun run = new BackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Incarnations.NAMESPACE)
                .withName("backup-" + runs.size())
                .withUid(UUID.randomUUID().toString())
                .withResourceVersion("1")
                .withCreationTimestamp(now.toString())
                .build());
        run.setSpec(change.apply(BackupRunSpecBuilder.builder()
                        .nodeName("host-a")
                        .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, Vms.UID))
                        .backupRef(new BackupRunSpec.Backup(
                                "backup", UUID.randomUUID().toString()))
                        .epoch(EPOCH)
                        .location(BackupLocations.ref("backups", location.toString()))
                        .mode(BackupMode.Auto)
                        .completed(completed()))
                .build());
        runs.add(run);
        return run;
    }

    /** Makes a backup, and returns how it ended. */
    BackupRunStatus backUp(UnaryOperator<BackupRunSpecBuilder> change) {
        BackupRun run = request(change);
        now = now.plusSeconds(60);
        pass();
        return status(run);
    }

    private List<BackupRunSpec.Completed> completed() {
        return runs.stream()
                .filter(run -> run.getStatus() != null && run.getStatus().result() != null)
                .map(run -> new BackupRunSpec.Completed(
                        run.getMetadata().getUid(),
                        run.getStatus().result().indexSHA256(),
                        run.getStatus().result().time(),
                        damaged.contains(run.getMetadata().getUid())))
                .toList()
                .reversed();
    }

    BackupRunStatus status(BackupRun run) {
        return runs.stream()
                .filter(each ->
                        each.getMetadata().getUid().equals(run.getMetadata().getUid()))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }

    private BackupRun write(BackupRun run, BackupRunStatus status) {
        if (serverDown) {
            throw new KubernetesClientException("connection refused");
        }
        written.add(status);
        BackupRun stored = new BackupRun();
        stored.setMetadata(new ObjectMetaBuilder(run.getMetadata())
                .withResourceVersion(Integer.toString(written.size() + 1))
                .build());
        stored.setSpec(run.getSpec());
        stored.setStatus(status);
        runs.replaceAll(
                each -> each.getMetadata().getUid().equals(run.getMetadata().getUid()) ? stored : each);
        return stored;
    }

    /** The guest writes the next number to its disk and its TPM. */
    void guestWrites() {
        tpm++;
        backups().write(folder.osDisk(), 0, tpm);
        hypervisor.putTpm(VM, "tpm " + tpm);
    }

    boolean guestRuns() {
        return hypervisor.find(VM).orElseThrow().state() instanceof DomainState.Running;
    }

    FakeGuestBackups backups() {
        return (FakeGuestBackups) hypervisor.backups();
    }

    /** Of all runs. */
    List<Path> staged() throws IOException {
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.filter(VmFolder::isBackup).toList();
        }
    }

    /** What does not verify; empty for a whole backup. */
    List<?> findings(BackupRun run) throws IOException {
        return new BackupVerification(BackupLocations.store(location), bytes -> {})
                .verify(ref(run))
                .findings();
    }

    boolean isCommitted(BackupRun run) throws IOException {
        return BackupLocations.store(location).index(id(run)).isPresent();
    }

    /** The number in the TPM of a backup, which the root disk in it must have, too. */
    String tpmIn(BackupRun run) throws IOException {
        return tpmIn(read(run, BackupFileName.GUEST_STATE), status(run).result());
    }

    String tpmIn(byte[] guestState, BackupResult result) {
        try (GuestStateKey stateKey = key.guestStateKey(VM)) {
            var opening = SealedGuestState.open(guestState, VM, result.guestState(), stateKey);
            return new String(
                    ((SealedGuestState.Opening.Opened) opening).state().tpm(), US_ASCII);
        }
    }

    /** The number on the root disk. */
    int diskIn(BackupRun run) throws IOException {
        return disksIn(run).get("root").getOrDefault(0, 0);
    }

    Map<String, Map<Integer, Integer>> disksIn(BackupRun run) throws IOException {
        try (BackupKeys keys = BackupKeys.of(key, VM)) {
            return ModelDisks.restore(BackupLocations.store(location), ref(run), keys);
        }
    }

    private byte[] read(BackupRun run, String name) throws IOException {
        return BackupLocations.store(location).read(id(run), name, 1 << 20).orElseThrow();
    }

    BackupRef ref(BackupRun run) {
        return new BackupRef(id(run), status(run).result().indexSHA256());
    }

    static BackupId id(BackupRun run) {
        return new BackupId(VM, BackupRunRecord.uid(run));
    }

    @Override
    public void close() {
        keeper.close();
    }
}
