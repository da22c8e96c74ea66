package io.trustedlaunch.agent;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backup.NewDisks;
import io.trustedlaunch.agent.backup.QemuDiskOpener;
import io.trustedlaunch.agent.backuprun.BackupHook;
import io.trustedlaunch.agent.backuprun.BackupPart;
import io.trustedlaunch.agent.backuprun.BackupPartBuilder;
import io.trustedlaunch.agent.backuprun.GuestReader;
import io.trustedlaunch.agent.backuprun.RunFiles;
import io.trustedlaunch.agent.backuprun.StoppedVms;
import io.trustedlaunch.agent.backuprun.instant.HostBackupRunWatch;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.diskfill.DiskFillHook;
import io.trustedlaunch.agent.diskfill.DiskFillPart;
import io.trustedlaunch.agent.diskfill.DiskFillPartBuilder;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.fillserver.FillServers;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.IncarnationHook;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.restorerun.EndedRestore;
import io.trustedlaunch.agent.restorerun.ExtractionTools;
import io.trustedlaunch.agent.restorerun.RestoreHook;
import io.trustedlaunch.agent.restorerun.RestorePart;
import io.trustedlaunch.agent.restorerun.RestorePartBuilder;
import io.trustedlaunch.agent.restorerun.RestoreStores;
import io.trustedlaunch.agent.run.BucketOpener;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.agent.storedbackuprun.StoredBackupOrders;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.StoreEnvelope;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Assembles the runs of backups: what makes them, removes and verifies them, and restores VMs from them. */
final class RunsPart implements AutoCloseable {
    /** Allows for the largest disks on a slow storage. */
    private static final Duration DISK_COPY = Duration.ofHours(24);

    /** A guest that is to leave waits no longer for its backup than this, and until QEMU has ended it. */
    private static final Duration BACKUP_WATCH = Duration.ofMillis(500);

    private final AgentConfiguration configuration;
    private final HostTools host;
    private final NodeEnvelopes envelopes;
    private final Environment environment;
    private final ConfinedTools tools;
    private final RunStores stores;
    private final FreeSpaceGuard room =
            new FreeSpaceGuard(location -> location.toFile().getUsableSpace());
    private final SupervisedWork watched = new SupervisedWork(BACKUP_WATCH);
    private final GuestPause pause;
    /** Of servers of disks that are restored. */
    private final Path sockets;

    /** Has packs until they are sent to a bucket. */
    private final Path spool;

    private final OrderQueue<BackupRun> backups;
    private final OrderQueue<StoredBackupRun> storedBackups;
    private final OrderQueue<RestoreRun> restores;
    private final FillServers servers;
    private final OrderQueue<DiskFill> fills;

    /**
     * The access of runs to VMs.
     *
     * @param guests that run
     * @param secrets of those
     * @param stopped VMs that are off
     * @param memory what the agent remembers of VMs
     * @param locations for their files
     * @param gate before their folders
     */
    @RecordBuilder
    record Vms(
            GuestReader guests,
            Secrets secrets,
            StoppedVms stopped,
            VmRecordStore memory,
            LocationCheck locations,
            FolderGate gate) {}

    /** @param records of runs */
    RunsPart(
            AgentConfiguration configuration,
            HostTools host,
            NodeEnvelopes envelopes,
            Vms vms,
            BackupRunRecords records,
            FillServers servers,
            OrderSource orders,
            AgentWriter writer,
            Environment environment) {
        this.configuration = configuration;
        this.host = host;
        this.envelopes = envelopes;
        this.environment = environment;
        this.tools = new ConfinedTools(configuration.account());
        this.sockets = configuration.runFolder().resolve("restores");
        this.spool = configuration.stateFolder().resolve(".spool");
        this.stores = new RunStores(
                FolderStore::new,
                BucketOpener.of(envelopes.opener(StoreEnvelope::open), configuration.nodeName(), spool));
        this.servers = servers;
        this.pause = new GuestPause(hypervisor());
        this.backups = backups(vms, records).queue(orders, writer::writeRunStatus);
        this.storedBackups = new StoredBackupOrders(
                        stores, watched, environment.failpoints(), environment.clock(), writer::writeStoredStatus)
                .queue(orders);
        this.restores = restores(vms)
                .queue(
                        orders,
                        (run, status) -> writer.writeRestoreStatus(
                                run,
                                EndedRestore.of(run, status, environment.clock().instant())));
        this.fills = fills(vms).queue(orders, writer::writeFillStatus);
    }

    private DiskFillPart fills(Vms vms) {
        Path folder = configuration.runFolder().resolve("fill");
        return DiskFillPartBuilder.builder()
                .nodeName(configuration.nodeName())
                .hypervisor(hypervisor())
                .pause(pause)
                .locations(vms.locations()::problem)
                .envelopes(envelopes.opener(RestoreEnvelope::open))
                .servers(servers)
                .left(() -> DiskFillPart.left(folder))
                .clock(environment.clock())
                .build();
    }

    private BackupPart backups(Vms vms, BackupRunRecords records) {
        return BackupPartBuilder.builder()
                .guests(vms.guests())
                .pause(pause)
                .secrets(vms.secrets())
                .stopped(vms.stopped())
                .vms(vms.memory())
                .records(records)
                .watch(HostBackupRunWatch.of(configuration.libvirtUri()))
                .files(new RunFiles(
                        configuration.account(),
                        host.disks(),
                        configuration.runFolder().resolve("backups")))
                .disks(new QemuDiskOpener(tools, DISK_COPY))
                .stores(stores)
                .room(room)
                .watched(watched)
                .environment(environment)
                .build();
    }

    private RestorePart restores(Vms vms) {
        return RestorePartBuilder.builder()
                .nodeName(configuration.nodeName())
                .hypervisor(hypervisor())
                .locations(vms.locations()::problem)
                .gate(vms.gate())
                .extraction(new ExtractionTools(
                        envelopes.opener(RestoreEnvelope::open),
                        RestoreStores::opened,
                        new NewDisks(tools, sockets, DISK_COPY),
                        configuration.account()))
                .room(room)
                .watched(watched)
                .environment(environment)
                .build();
    }

    private Hypervisor hypervisor() {
        return host.hypervisor();
    }

    /** The hook by which incarnations respect backups, restores and disks that are filled. */
    IncarnationHook hook() {
        return IncarnationHook.ofAll(List.of(
                new BackupHook(configuration.nodeName(), hypervisor(), pause),
                new RestoreHook(),
                new DiskFillHook(servers)));
    }

    /** Removes what an earlier agent process left. Before anything starts. */
    void clear() {
        try {
            FileTree.of(sockets).delete();
            FileTree.of(spool).delete();
            DurableFiles.makeFolder(spool);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void start() {
        backups.start();
        storedBackups.start();
        restores.start();
        fills.start();
    }

    @Override
    public void close() {
        storedBackups.close();
        backups.close();
        restores.close();
        fills.close();
    }
}
