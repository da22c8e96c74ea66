package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.vm.facts.Problem;
import java.util.Optional;

/** What the room of VMs tells the rooms beside it. */
public interface VmSight {
    /** What keeps a move from beginning; empty if nothing does. */
    Optional<Problem> hindrance(TrustedLaunchVM vm, VMMigration move);
}
