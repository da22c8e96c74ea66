package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.api.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Asked before a VM is touched here: what else this node does with VMs registers with it. It answers at once, and neither waits
 * nor changes anything, so that no start, stop or migration waits for it.
 */
public interface IncarnationHook {
    /** Whether it holds the VM's guest still for a moment, so that the guest's state says nothing else. */
    default boolean holds(UUID vm) {
        return false;
    }

    /** Why nothing may be started from the VM's folder. */
    default Optional<Problem> startObstacle(VmFolder folder) {
        return Optional.empty();
    }

    /** Where a backup is served on this host to the VM whose disks are filled from it; empty while it is not. */
    default Optional<Path> fillSocket(UUID fill) {
        return Optional.empty();
    }

    /** Whether disks that are filled can be read also where they are not whole. */
    default boolean isReadable(VmFolder folder, UUID fill) {
        return true;
    }

    /** The problem of a guest that runs on. The VM's restart ends it, and the message ends by asking for one. */
    default Optional<Problem> untilRestart(UUID vm) {
        return Optional.empty();
    }

    /** The first that has something to say is heard. */
    static IncarnationHook ofAll(List<IncarnationHook> hooks) {
        return new IncarnationHook() {
            @Override
            public boolean holds(UUID vm) {
                return hooks.stream().anyMatch(hook -> hook.holds(vm));
            }

            @Override
            public Optional<Problem> startObstacle(VmFolder folder) {
                return hooks.stream()
                        .flatMap(hook -> hook.startObstacle(folder).stream())
                        .findFirst();
            }

            @Override
            public Optional<Path> fillSocket(UUID fill) {
                return hooks.stream()
                        .flatMap(hook -> hook.fillSocket(fill).stream())
                        .findFirst();
            }

            @Override
            public boolean isReadable(VmFolder folder, UUID fill) {
                return hooks.stream().allMatch(hook -> hook.isReadable(folder, fill));
            }

            @Override
            public Optional<Problem> untilRestart(UUID vm) {
                return hooks.stream()
                        .flatMap(hook -> hook.untilRestart(vm).stream())
                        .findFirst();
            }
        };
    }
}
