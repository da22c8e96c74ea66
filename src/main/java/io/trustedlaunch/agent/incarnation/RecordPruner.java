package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.process.PeriodicTasks;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the records and console logs of VMs that are gone, perhaps after a migration to another host: the API server has
 * neither the VM nor an incarnation of it on this node, and neither domain, working copy nor folder is left. Nothing that is
 * late can use what the record guarded (decision 35).
 */
public final class RecordPruner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordPruner.class);

    /** An agent that has just started knows no incarnations yet. */
    private static final Duration AFTER_START = Duration.ofMinutes(10);

    private static final Duration INTERVAL = Duration.ofDays(1);

    private final VmRecordStore records;
    private final Hypervisor hypervisor;
    private final Function<UUID, Optional<VMIncarnation>> incarnations;
    private final Ownership.Reader owners;
    private final ConsoleLogs consoleLogs;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("records").factory());

    /** @param incarnations finds a VM's latest incarnation on this node in the cache */
    public RecordPruner(
            VmRecordStore records,
            Hypervisor hypervisor,
            Function<UUID, Optional<VMIncarnation>> incarnations,
            Ownership.Reader owners,
            ConsoleLogs consoleLogs) {
        this.records = records;
        this.hypervisor = hypervisor;
        this.incarnations = incarnations;
        this.owners = owners;
        this.consoleLogs = consoleLogs;
    }

    public void start() {
        PeriodicTasks.start(thread, AFTER_START, INTERVAL, this::prune);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    void prune() {
        records.vms().forEach(this::prune);
    }

    /** A failure for one VM must not keep the records of others. */
    private void prune(UUID vm) {
        try {
            records.lookUp(vm).found().filter(record -> isGone(vm, record)).ifPresent(record -> {
                consoleLogs.remove(vm);
                records.forget(vm, record);
                LOG.info("VM {} is gone: its record and its console log were removed", vm);
            });
        } catch (RuntimeException e) {
            LOG.warn("VM {}: its record is kept: {}", vm, e.getMessage());
        }
    }

    /** The API server is asked last: most VMs have something here. */
    private boolean isGone(UUID vm, VmRecord record) {
        return incarnations.apply(vm).isEmpty()
                && record.location()
                        .filter(location -> hasNoFolder(Path.of(location), vm))
                        .isPresent()
                && hypervisor.find(vm).isEmpty()
                && hypervisor.workingCopy(vm).state() == WorkingCopy.State.ABSENT
                && record.vmRef().filter(this::hasNoObject).isPresent();
    }

    /** A location that is not mounted proves nothing. */
    private static boolean hasNoFolder(Path location, UUID vm) {
        return Files.isDirectory(location)
                && Files.notExists(location.resolve(vm.toString()), LinkOption.NOFOLLOW_LINKS);
    }

    private boolean hasNoObject(VmRef ref) {
        return switch (owners.read(ref)) {
            case Ownership.Absent absent -> true;
            case Ownership.Found found -> !found.uid().equals(ref.owner());
            case Ownership.Unread unread -> false;
        };
    }
}
