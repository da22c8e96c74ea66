package io.trustedlaunch.operator.node;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.Optional;

/** The objects that drains watch. */
interface DrainCaches {
    /** The Kubernetes Node is being drained. */
    boolean isEvicted(String node);

    List<VMIncarnation> incarnationsOn(String node);

    List<VMMigration> migrations();

    Optional<TrustedLaunchVM> vm(String namespace, String name);

    /** Caches a new migration until the watch delivers it. */
    void created(VMMigration migration);
}
