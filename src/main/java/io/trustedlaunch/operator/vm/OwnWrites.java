package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.StaleViewException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The VMs as this process wrote them last, until the watch brings them. The SDK forgets what was written to its primary
 * resource with the first event that comes late; each pass would then fail until the watch has caught up.
 */
final class OwnWrites {
    private final Map<String, TrustedLaunchVM> byUid = new ConcurrentHashMap<>();

    /** @param write returns the VM as the API server has it then */
    TrustedLaunchVM keep(TrustedLaunchVM vm, Supplier<TrustedLaunchVM> write) {
        try {
            TrustedLaunchVM written = write.get();
            byUid.put(uid(vm), written);
            return written;
        } catch (StaleViewException e) {
            // Another has written it, or it was restored from a backup, with lower versions.
            byUid.remove(uid(vm));
            throw e;
        }
    }

    /** The later one of this version and the last own one. */
    TrustedLaunchVM newest(TrustedLaunchVM cached) {
        byUid.computeIfPresent(uid(cached), (uid, own) -> version(own) > version(cached) ? own : null);
        return byUid.getOrDefault(uid(cached), cached);
    }

    void forget(TrustedLaunchVM vm) {
        byUid.remove(uid(vm));
    }

    private static String uid(TrustedLaunchVM vm) {
        return vm.getMetadata().getUid();
    }

    private static long version(TrustedLaunchVM vm) {
        return Long.parseLong(vm.getMetadata().getResourceVersion());
    }
}
