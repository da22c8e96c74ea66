package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What the guest says of itself, in the VM's status. It is shown to people, and nothing is decided by it. */
record GuestStatus(VmFacts facts) {
    private static final Set<Phase> GUEST_RUNS = EnumSet.of(Phase.Running, Phase.Stopping);

    /**
     * As the node that runs the guest reports it. A node that a guest has just migrated to has not asked it yet: until then, what it
     * said on its source stays.
     */
    Optional<GuestInfo> shown() {
        return facts.incarnations()
                .current()
                .filter(incarnation -> !facts.nodes().isFenced(incarnation.node()))
                .filter(GuestStatus::hasGuest)
                .flatMap(this::said);
    }

    /** At the end of a migration the guest is between two nodes, and lives on. */
    private static boolean hasGuest(Incarnation incarnation) {
        return GUEST_RUNS.contains(incarnation.phase()) || incarnation.hasLeft() || incarnation.isArriving();
    }

    private Optional<GuestInfo> said(Incarnation incarnation) {
        return incarnation
                .status()
                .map(VMIncarnationStatus::guest)
                .or(() -> facts.vm().status().map(TrustedLaunchVMStatus::guest));
    }

    /** The same, reported at another time, is not worth a write. */
    static GuestInfo quiet(GuestInfo guest) {
        return guest == null ? null : guest.reportedAt(null);
    }
}
