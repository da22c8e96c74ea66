package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import java.util.Optional;

/** What the room of VMs tells the rooms beside it. */
public interface VmSight {
    /** What keeps a move from beginning; empty if nothing does. */
    Optional<Problem> hindrance(TrustedLaunchVM vm, VMMigration move);
}
