package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.Optional;

/** The cluster as the watches have it, without a request. */
interface MigrationCaches {
    Optional<TrustedLaunchVM> vm(String namespace, String name);

    Optional<VMIncarnation> incarnation(String name);

    List<VMIncarnation> incarnations(TrustedLaunchVM vm);
}
