package io.trustedlaunch.agent.diskfill;

import io.trustedlaunch.agent.disks.VmDisks;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.UnfilledDisk;
import io.trustedlaunch.agent.imageform.ImageInspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/** The filling of the disks of one VM by the QEMU of its guest, if that runs here. */
record DiskFilling(Hypervisor hypervisor, FlushPause pause, VmFolder folder) {
    private static final int WHOLE = 100;
    private static final int STEP = 5;

    private UUID vm() {
        return folder.vm();
    }

    boolean isRunningHere() {
        return runningEpoch().isPresent();
    }

    private OptionalLong runningEpoch() {
        return hypervisor
                .find(vm())
                .filter(domain -> domain.state() instanceof DomainState.Running)
                .map(domain -> OptionalLong.of(domain.epoch()))
                .orElse(OptionalLong.empty());
    }

    /**
     * The epoch of the guest that runs, if nothing of the backup is needed any more, whatever happens. Only a guest that runs shows that:
     * QEMU removes the backing from a disk's header before it has written down where the last of its content is. To pause the guest makes
     * QEMU write that down.
     */
    OptionalLong wholeIn() throws IOException {
        OptionalLong epoch = runningEpoch();
        return epoch.isPresent()
                        && isComplete()
                        && pause.flush(vm(), epoch.getAsLong())
                        && isComplete()
                        && runningEpoch().equals(epoch)
                ? epoch
                : OptionalLong.empty();
    }

    private boolean isComplete() throws IOException {
        VmDisks disks = new VmDisks(folder);
        return hypervisor.unfilled(vm()).isEmpty()
                && disks.all().contains(folder.osDisk())
                && disks.unfilled().isEmpty();
    }

    void pull() {
        hypervisor.unfilled(vm()).stream()
                .filter(disk -> disk.pull().isEmpty())
                .forEach(disk -> hypervisor.pull(vm(), disk.disk()));
    }

    /** Less than all, in steps, each of which is a write to the API server; empty while QEMU does not say. */
    OptionalInt percent() throws IOException {
        List<UnfilledDisk.Pull> pulls = hypervisor.unfilled(vm()).stream()
                .flatMap(disk -> disk.pull().stream())
                .toList();
        if (pulls.isEmpty()) {
            return OptionalInt.empty();
        }
        double done = 0;
        double total = 0;
        for (Path disk : new VmDisks(folder).all()) {
            long bytes = ImageInspector.virtualSizeOfQcow2(disk).orElse(0L);
            done += bytes;
            total += bytes;
        }
        for (UnfilledDisk.Pull pull : pulls) {
            done += pull.doneBytes();
            total += pull.totalBytes();
        }
        int percent = (int) (done / Math.max(1, total) * WHOLE);
        return OptionalInt.of(Math.min(WHOLE - 1, percent) / STEP * STEP);
    }
}
