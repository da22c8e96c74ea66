package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.domain.BackupXml;
import io.trustedlaunch.agent.hypervisor.BackupJob;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FreezeOutcome;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.libvirt.Domain;
import org.libvirt.DomainCheckpoint;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Backups in libvirt's pull mode, with scratch files that exist. */
final class LibvirtBackups implements GuestBackups {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtBackups.class);

    /** VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL. */
    private static final int SCRATCH_EXISTS = 1;

    /** VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE, _REDEFINE_VALIDATE. */
    private static final int KNOWN = 1 | 4;

    private static final Duration END = Duration.ofSeconds(30);
    private static final Duration END_INTERVAL = Duration.ofMillis(20);

    private final DomainCalls domains;
    private final QemuCalls<Optional<BackupJob>> queries =
            new QemuCalls<>(Optional.of(new BackupJob(OptionalLong.empty())));
    private final QemuCalls<Boolean> lost = new QemuCalls<>(false);
    /** The VMs that this process begins a backup of now. */
    private final Set<UUID> beginning = ConcurrentHashMap.newKeySet();

    LibvirtBackups(DomainCalls domains) {
        this.domains = domains;
    }

    @Override
    public void begin(UUID vm, BackupSpec spec) {
        domains.required(vm, "begin a backup of VM " + vm, (connection, domain) -> {
            // libvirt would wait 30 seconds for the end of the other.
            JobStatistics now = connection.jobStatistics(vm);
            if (now.isBackup()) {
                throw new HypervisorException(
                        now.dataMissing()
                                ? new HypervisorFailure.BackupJobLost(vm)
                                : new HypervisorFailure.BackupUnderWay(vm));
            }
            Map<String, Path> devices = devices(domain);
            List<Path> disks = spec.disks().stream().map(BackupSpec.Disk::path).toList();
            String checkpoint = BackupXml.checkpoint(spec.checkpoint(), named(devices, disks), devices.keySet());
            beginning.add(vm);
            try {
                domain.backupBegin(BackupXml.backup(spec, devices), checkpoint, SCRATCH_EXISTS);
            } catch (LibvirtException e) {
                throw unusable(vm, spec.base().orElse(spec.checkpoint()), e);
            } finally {
                beginning.remove(vm);
            }
            return true;
        });
    }

    @Override
    public Optional<BackupJob> job(UUID vm) {
        return queries.call(
                vm,
                () -> domains.libvirt().call("report the backup of VM " + vm, connection -> {
                    JobStatistics now = connection.jobStatistics(vm);
                    return now.isBackup() && !now.dataMissing()
                            ? Optional.of(new BackupJob(OptionalLong.of(now.scratchBytes())))
                            : Optional.empty();
                }));
    }

    @Override
    public boolean isJobLost(UUID vm) {
        return lost.call(
                vm,
                () -> domains.libvirt()
                        .call(
                                "report the backup of VM " + vm,
                                // It has no data either of a job that it begins now: that one has some when it has
                                // begun.
                                connection -> connection.jobStatistics(vm).dataMissing()
                                        && !beginning.contains(vm)
                                        && connection.jobStatistics(vm).dataMissing()));
    }

    @Override
    public void end(UUID vm) {
        domains.with(vm, "end the backup of VM " + vm, (connection, domain) -> {
            if (await(() -> isEnded(connection, domain, vm))) {
                return true;
            }
            // Until now, libvirt might have begun it for an agent that has died.
            boolean isLost = connection.jobStatistics(vm).dataMissing();
            if (!isLost || !await(() -> QemuJobs.endBackups(domain))) {
                throw new HypervisorException(new HypervisorFailure.OperationFailed(
                        "QEMU does not end the backup of VM " + vm + "; it is asked again"));
            }
            LOG.warn("{}", new HypervisorFailure.BackupJobLost(vm).message());
            return true;
        });
    }

    /** Asks for its end if it is not. */
    private static boolean isEnded(OpenConnection connection, Domain domain, UUID vm) throws LibvirtException {
        if (!connection.jobStatistics(vm).isBackup()) {
            return true;
        }
        abort(domain);
        return false;
    }

    private static void abort(Domain domain) throws LibvirtException {
        try {
            domain.abortJob();
        } catch (LibvirtException e) {
            // It has ended meanwhile.
            if (!LibvirtErrors.isOperationInvalid(e)) {
                throw e;
            }
        }
    }

    private interface Check {
        boolean isTrue() throws LibvirtException;
    }

    private static boolean await(Check check) throws LibvirtException {
        for (long left = END.dividedBy(END_INTERVAL); !check.isTrue(); left--) {
            if (left == 0) {
                return false;
            }
            try {
                Thread.sleep(END_INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HypervisorException(new HypervisorFailure.Unavailable("interrupted"), e);
            }
        }
        return true;
    }

    @Override
    public Set<String> checkpoints(UUID vm) {
        return domains.with(vm, "list the checkpoints of VM " + vm, (connection, domain) -> names(domain))
                .orElse(Set.of());
    }

    private static Set<String> names(Domain domain) throws LibvirtException {
        Set<String> names = new HashSet<>();
        for (DomainCheckpoint checkpoint : domain.listAllCheckpoints(0)) {
            names.add(checkpoint.getName());
            checkpoint.free();
        }
        return names;
    }

    /** Not by a look-up: the binding answers it with null for a lost connection, too. */
    @Override
    public void deleteCheckpoint(UUID vm, String name) {
        domains.with(vm, "delete checkpoint " + name + " of VM " + vm, (connection, domain) -> {
            for (DomainCheckpoint checkpoint : domain.listAllCheckpoints(0)) {
                if (checkpoint.getName().equals(name)) {
                    checkpoint.delete(0);
                }
                checkpoint.free();
            }
            return true;
        });
    }

    @Override
    public void defineCheckpoint(UUID vm, String name, Optional<String> parent, List<Path> disks) {
        domains.required(vm, "restore checkpoint " + name + " of VM " + vm, (connection, domain) -> {
            Map<String, Path> devices = devices(domain);
            String known = BackupXml.knownCheckpoint(name, parent, named(devices, disks), devices.keySet());
            try {
                domain.checkpointCreateXML(known, KNOWN).free();
            } catch (LibvirtException e) {
                throw unusable(vm, name, e);
            }
            return true;
        });
    }

    @Override
    public boolean pause(UUID vm) {
        return domains.required(vm, "pause VM " + vm, (connection, domain) -> {
            boolean runs = connection
                    .state(vm)
                    .filter(DomainState.Running.class::isInstance)
                    .isPresent();
            if (runs) {
                domain.suspend();
            }
            return runs;
        });
    }

    @Override
    public FreezeOutcome freeze(UUID vm, Duration limit) {
        return domains.required(vm, "freeze the file systems of VM " + vm, (connection, domain) -> {
            if (!GuestInfoReader.hasAgent(domain)) {
                return FreezeOutcome.NO_AGENT;
            }
            long begun = System.nanoTime();
            int frozen = connection.guestAgents().freeze(vm, (int) limit.toSeconds());
            if (frozen > 0) {
                return FreezeOutcome.FROZEN;
            }
            // libvirt may first ask the agent to respond at all, for half of that time.
            boolean late = System.nanoTime() - begun >= limit.toNanos() / 2;
            return frozen < 0 && late ? FreezeOutcome.TIMED_OUT : FreezeOutcome.FAILED;
        });
    }

    @Override
    public boolean thaw(UUID vm, Duration limit) {
        return domains.with(
                        vm,
                        "thaw the file systems of VM " + vm,
                        (connection, domain) -> !GuestInfoReader.hasAgent(domain)
                                || connection.guestAgents().thaw(vm, (int) limit.toSeconds()))
                .orElse(true);
    }

    private static LibvirtException unusable(UUID vm, String checkpoint, LibvirtException error) {
        if (LibvirtErrors.isUnusableCheckpoint(error)) {
            throw new HypervisorException(new HypervisorFailure.CheckpointUnusable(vm, checkpoint), error);
        }
        return error;
    }

    /** The devices of all disks with a file. */
    private static Map<String, Path> devices(Domain domain) throws LibvirtException {
        LibvirtXml xml = LibvirtXml.parse(domain.getXMLDesc(0));
        return xml.values("/domain/devices/disk[source/@file]/target/@dev").stream()
                .collect(Collectors.toMap(
                        device -> device,
                        device -> Path.of(xml.values("/domain/devices/disk[target/@dev='" + device + "']/source/@file")
                                .getFirst())));
    }

    private static Set<String> named(Map<String, Path> devices, List<Path> disks) {
        Set<String> named = devices.entrySet().stream()
                .filter(device -> disks.contains(device.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (named.size() != disks.size()) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("the domain does not have each of the disks " + disks));
        }
        return named;
    }
}
