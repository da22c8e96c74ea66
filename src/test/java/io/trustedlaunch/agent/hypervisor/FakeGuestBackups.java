package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Backups of a {@link FakeHypervisor}: bitmaps belong to disks, and outlive the domain, which has jobs and checkpoints. A disk
 * is a few blocks of one number each.
 */
public final class FakeGuestBackups implements GuestBackups {
    private final FakeHypervisor hypervisor;
    private final Map<UUID, Job> jobs = new HashMap<>();
    private final Map<UUID, Map<String, List<Path>>> checkpoints = new HashMap<>();
    private final Map<Path, Map<String, Set<Integer>>> bitmaps = new HashMap<>();
    private final Map<Path, Map<Integer, Integer>> blocks = new HashMap<>();

    private record Job(BackupJob shown, Map<Path, Export> exports) {}

    /**
     * A disk as it was when the job began.
     *
     * @param blocks what is not in it is zero
     * @param dirty which blocks were written since the base; empty without one
     */
    public record Export(Map<Integer, Integer> blocks, Optional<Set<Integer>> dirty) {
        public Export {
            blocks = Map.copyOf(blocks);
            dirty = dirty.map(Set::copyOf);
        }
    }

    FakeGuestBackups(FakeHypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    @Override
    public synchronized void begin(UUID vm, BackupSpec spec) {
        requireDomain(vm);
        if (lost.contains(vm)) {
            throw new HypervisorException(new HypervisorFailure.BackupJobLost(vm));
        }
        if (jobs.containsKey(vm)) {
            throw new HypervisorException(new HypervisorFailure.BackupUnderWay(vm));
        }
        List<Path> disks = spec.disks().stream().map(BackupSpec.Disk::path).toList();
        requireDisks(vm, disks);
        spec.base().filter(base -> !known(vm).containsKey(base)).ifPresent(base -> {
            throw new HypervisorException(new HypervisorFailure.CheckpointUnusable(vm, base));
        });
        Map<Path, Export> exports = new HashMap<>();
        for (Path disk : disks) {
            Map<String, Set<Integer>> ofDisk = bitmaps.computeIfAbsent(disk, none -> new HashMap<>());
            exports.put(disk, new Export(content(disk), spec.base().map(ofDisk::get)));
            ofDisk.put(spec.checkpoint(), new HashSet<>());
        }
        known(vm).put(spec.checkpoint(), disks);
        jobs.put(vm, new Job(new BackupJob(OptionalLong.of(0)), exports));
    }

    @Override
    public synchronized Optional<BackupJob> job(UUID vm) {
        return Optional.ofNullable(jobs.get(vm)).map(Job::shown);
    }

    @Override
    public boolean isJobLost(UUID vm) {
        return lost.contains(vm);
    }

    @Override
    public synchronized void end(UUID vm) {
        requireNotLost(vm);
        jobs.remove(vm);
    }

    @Override
    public synchronized Set<String> checkpoints(UUID vm) {
        requireNotLost(vm);
        return Set.copyOf(known(vm).keySet());
    }

    @Override
    public synchronized void deleteCheckpoint(UUID vm, String name) {
        requireNotLost(vm);
        Optional.ofNullable(known(vm).remove(name))
                .ifPresent(disks -> disks.forEach(
                        disk -> bitmaps.getOrDefault(disk, new HashMap<>()).remove(name)));
    }

    @Override
    public synchronized void defineCheckpoint(UUID vm, String name, Optional<String> parent, List<Path> disks) {
        requireDomain(vm);
        requireDisks(vm, disks);
        if (disks.stream()
                .anyMatch(disk -> !bitmaps.getOrDefault(disk, Map.of()).containsKey(name))) {
            throw new HypervisorException(new HypervisorFailure.CheckpointUnusable(vm, name));
        }
        known(vm).put(name, disks);
    }

    @Override
    public boolean pause(UUID vm) {
        requireDomain(vm);
        boolean runs = hypervisor
                .find(vm)
                .filter(found -> found.state() instanceof Running)
                .isPresent();
        if (runs) {
            hypervisor.pause(vm, PauseReason.REQUESTED);
        }
        return runs;
    }

    @Override
    public FreezeOutcome freeze(UUID vm, Duration limit) {
        requireDomain(vm);
        if (guestAgent != FreezeOutcome.NO_AGENT && guestAgent != FreezeOutcome.FAILED) {
            // One that answers late freezes them all the same.
            frozen.add(vm);
        }
        return guestAgent;
    }

    @Override
    public boolean thaw(UUID vm, Duration limit) {
        requireNotLost(vm);
        if (!thaws) {
            return false;
        }
        frozen.remove(vm);
        return true;
    }

    // Controls for tests.

    /** What the agent in the guests answers. */
    public volatile FreezeOutcome guestAgent = FreezeOutcome.NO_AGENT;

    /** Whether it thaws what is frozen. */
    public volatile boolean thaws = true;

    private final Set<UUID> frozen = ConcurrentHashMap.newKeySet();

    public boolean isFrozen(UUID vm) {
        return frozen.contains(vm);
    }

    private final Set<UUID> lost = ConcurrentHashMap.newKeySet();

    /** libvirtd has died while it began a backup. */
    public void loseJob(UUID vm) {
        lost.add(vm);
    }

    /** The guest overwrites data while the backup runs. */
    public synchronized void overwrite(UUID vm, long scratchBytes) {
        jobs.computeIfPresent(vm, (which, job) -> new Job(new BackupJob(OptionalLong.of(scratchBytes)), job.exports()));
    }

    /** The guest writes a block. */
    public synchronized void write(Path disk, int block, int value) {
        content(disk).put(block, value);
        bitmaps.getOrDefault(disk, Map.of()).values().forEach(dirty -> dirty.add(block));
    }

    /** What the disk has, by block. */
    public synchronized Map<Integer, Integer> content(Path disk) {
        return blocks.computeIfAbsent(disk, none -> new HashMap<>());
    }

    /** What the VM's job serves. */
    public synchronized Optional<Export> export(UUID vm, Path disk) {
        return Optional.ofNullable(jobs.get(vm)).map(job -> job.exports().get(disk));
    }

    /** As after a crash of QEMU: the bitmaps of the disk are inconsistent. */
    public synchronized void loseBitmaps(Path disk) {
        bitmaps.remove(disk);
    }

    /** The domain has ended. */
    synchronized void forget(UUID vm) {
        jobs.remove(vm);
        lost.remove(vm);
        checkpoints.remove(vm);
    }

    private Map<String, List<Path>> known(UUID vm) {
        return checkpoints.computeIfAbsent(vm, none -> new HashMap<>());
    }

    private void requireDomain(UUID vm) {
        if (hypervisor.find(vm).isEmpty()) {
            throw new HypervisorException(new HypervisorFailure.DomainMissing(vm));
        }
    }

    private void requireNotLost(UUID vm) {
        hypervisor.find(vm);
    }

    private void requireDisks(UUID vm, List<Path> disks) {
        List<Path> there = hypervisor.spec(vm).stream()
                .flatMap(spec -> Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream()))
                .map(Disk::path)
                .toList();
        if (!there.containsAll(disks)) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("the domain does not have each of the disks " + disks));
        }
    }
}
