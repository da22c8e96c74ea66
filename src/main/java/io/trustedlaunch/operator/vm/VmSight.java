package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import java.util.Optional;

/** For the controller of migrations. */
public interface VmSight {
    /** Why a migration cannot start; empty if it can. */
    Optional<Problem> hindrance(TrustedLaunchVM vm, VMMigration migration);
}
