package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which epochs of a VM were given out. */
public record Epochs(VmFacts facts) {
    /** How many epochs a VM can have had since the backup that its record was restored from. */
    private static final long FURTHEST_BEHIND = 1_000_000;

    /** The epochs whose incarnations may exist or be about to be created: the current one, and that of an open migration. */
    public static Set<Long> onRecord(TrustedLaunchVM vm) {
        Optional<TrustedLaunchVMStatus> status = Optional.ofNullable(vm.getStatus());
        return Stream.concat(
                        status.map(TrustedLaunchVMStatus::epoch).stream(),
                        status
                                .map(TrustedLaunchVMStatus::migration)
                                .filter(migration -> migration.outcome() == null)
                                .map(Migration::epoch)
                                .stream())
                .collect(Collectors.toSet());
    }

    /**
     * No epoch is reserved twice, even if its incarnation never ran, or a restored record does not know of it. What nodes say is
     * believed as far as a record can be behind: a node must not use up the epochs of a VM that it has.
     */
    public long next() {
        long recorded =
                Math.max(facts.epoch(), facts.migration().map(Migration::epoch).orElse(0L));
        long latest = Stream.of(
                        facts.guestState().restored().map(Restore::guestState).map(GuestStateVersion::epoch).stream(),
                        facts.incarnations().stream().flatMap(incarnation -> incarnation.foundLaterEpoch().stream()),
                        facts.inventory().onNodes().stream().map(ReportedIncarnation::epoch))
                .flatMap(epochs -> epochs)
                .filter(reported -> reported - recorded <= FURTHEST_BEHIND)
                .max(Comparator.naturalOrder())
                .orElse(0L);
        return Math.addExact(Math.max(recorded, latest), 1);
    }
}
