package io.trustedlaunch.agent.diskfill;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.fillserver.FillContent;
import io.trustedlaunch.agent.fillserver.FillServers;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.KnownOrders;
import io.trustedlaunch.agent.order.LaterException;
import io.trustedlaunch.agent.order.OrderKind;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillSpec;
import io.trustedlaunch.api.restore.DiskFillStatus;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Fills disks. One never fails: what hinders it is reported, and tried again. */
final class DiskFillOrders implements OrderKind<DiskFill, DiskFillStatus> {
    static final Faults FAULTS = RunFaults.of(Reason.HypervisorUnavailable, Reason.HypervisorUnavailable, "");

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final int WHOLE = 100;

    /** @param locations why VM files must not be in a storage location now */
    @RecordBuilder
    record Tools(
            String nodeName,
            Hypervisor hypervisor,
            GuestPause pause,
            Function<Path, Optional<Problem>> locations,
            EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> envelopes,
            FillServers servers) {}

    private final Tools tools;
    private final StatusWriter<DiskFill, DiskFillStatus> writer;

    /** By fill, the envelope whose content its server has from this process. */
    private final Map<UUID, String> handed = new ConcurrentHashMap<>();

    DiskFillOrders(Tools tools, StatusWriter<DiskFill, DiskFillStatus> writer) {
        this.tools = tools;
        this.writer = writer;
    }

    static UUID uid(DiskFill fill) {
        return UUID.fromString(fill.getMetadata().getName());
    }

    private static VmFolder folder(DiskFill fill) {
        DiskFillSpec spec = fill.getSpec();
        return new VmFolder(
                Path.of(spec.storageLocation().path()),
                UUID.fromString(spec.vmRef().uid()));
    }

    @Override
    public String describe(DiskFill fill) {
        return "VM " + fill.getSpec().vmRef().uid() + ": filling of its disks from backup "
                + fill.getSpec().backup().uid();
    }

    @Override
    public String place(DiskFill fill) {
        return RunStores.place(fill.getSpec().location());
    }

    /** Whatever an earlier process has left. */
    @Override
    public void before(UUID fill, KnownOrders<DiskFill> known) throws IOException {
        pause(fill).endLeft();
        boolean isGone = known.now()
                .filter(fills -> fills.stream().allMatch(DiskFill::isMarkedForDeletion))
                .isPresent();
        if (isGone) {
            end(fill);
        }
    }

    private FlushPause pause(UUID fill) {
        return new FlushPause(
                tools.hypervisor(), tools.pause(), tools.servers().socket(fill).resolveSibling("pausing"));
    }

    private void end(UUID fill) throws IOException {
        tools.servers().end(fill);
        handed.remove(fill);
    }

    @Override
    public Optional<Duration> after(UUID fill) {
        return handed.containsKey(fill) ? Optional.of(BETWEEN_LOOKS) : Optional.empty();
    }

    /** To open a backup takes time, and waits for a location that does not answer. */
    @Override
    public boolean needsSlot(DiskFill fill) {
        return !isServed(fill);
    }

    private boolean isServed(DiskFill fill) {
        return fill.getSpec().envelope().equals(handed.get(uid(fill)))
                && tools.servers().isServing(uid(fill));
    }

    @Override
    public DiskFillStatus carryOut(DiskFill fill, Task<DiskFill> task) throws IOException {
        VmFolder folder = folder(fill);
        tools.locations().apply(folder.location()).ifPresent(problem -> {
            throw new LaterException(problem);
        });
        DiskFilling filling = new DiskFilling(tools.hypervisor(), pause(uid(fill)), folder);
        OptionalLong whole = filling.wholeIn();
        if (whole.isPresent()) {
            end(uid(fill));
            return new DiskFillStatus(RunPhase.Completed, null, null, WHOLE, whole.getAsLong());
        }
        if (!isServed(fill)) {
            serve(fill);
        }
        Optional<Problem> trouble = tools.servers().trouble(uid(fill));
        if (trouble.isPresent()) {
            return waiting(task.latest(), trouble.get());
        }
        if (filling.isRunningHere()) {
            filling.pull();
        }
        OptionalInt percent = filling.percent();
        return running(percent.isPresent() ? percent.getAsInt() : percentOf(task.latest()));
    }

    private void serve(DiskFill fill) throws IOException {
        DiskFillSpec spec = fill.getSpec();
        UUID backupOf = UUID.fromString(spec.backupOf());
        BackupRef backup = new BackupRef(
                new BackupId(backupOf, UUID.fromString(spec.backup().uid())),
                spec.backup().indexSHA256());
        RestoreEnvelope.Address address =
                new RestoreEnvelope.Address(fill.getMetadata().getName(), backupOf, tools.nodeName());
        try (RestoreEnvelope.Content content =
                tools.envelopes().open(Base64.getDecoder().decode(spec.envelope()), address)) {
            tools.servers()
                    .serve(
                            uid(fill),
                            new FillContent(spec.location(), backup, content.keys(), content.grant(), limit(spec)));
        }
        handed.put(uid(fill), spec.envelope());
    }

    private static OptionalLong limit(DiskFillSpec spec) {
        return spec.bytesPerSecond() == null ? OptionalLong.empty() : OptionalLong.of(spec.bytesPerSecond());
    }

    @Override
    public Optional<DiskFillStatus> status(DiskFill fill) {
        return fill.status();
    }

    @Override
    public boolean isFinal(DiskFillStatus status) {
        return status.phase() == RunPhase.Completed;
    }

    /** Each pass returns how far it is. */
    @Override
    public Optional<DiskFillStatus> running(DiskFill latest, long done, OptionalLong total) {
        return Optional.empty();
    }

    private static DiskFillStatus running(int percent) {
        return new DiskFillStatus(RunPhase.Running, null, null, percent, null);
    }

    private static int percentOf(DiskFill latest) {
        return latest.status().map(DiskFillStatus::progressPercent).orElse(0);
    }

    @Override
    public DiskFillStatus waiting(DiskFill latest, Problem problem) {
        return new DiskFillStatus(
                RunPhase.Running, problem.reason().name(), problem.message(), percentOf(latest), null);
    }

    @Override
    public Optional<DiskFillStatus> failed(DiskFill fill, Problem problem, Exception cause, boolean brokenOff) {
        throw new LaterException(problem);
    }

    @Override
    public String summary(DiskFillStatus status) {
        return status.message() == null ? status.phase().name() : status.phase() + ": " + status.message();
    }

    @Override
    public DiskFill write(DiskFill fill, DiskFillStatus status) {
        return writer.write(fill, status);
    }
}
