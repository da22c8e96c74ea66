package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ApprovedGuestState;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What an administrator does about a start that is refused because a host's disk was set back: stop the VM, and approve the
 * newest state that there is.
 */
final class Remedies {
    /** Nothing that the product may do by itself, and no approval, helps here: files are restored from elsewhere. */
    private static final Set<Reason> FOR_A_BACKUP =
            Set.of(Reason.TpmStateMissing, Reason.GuestStateMissing, Reason.DiskMissing);

    private final ClusterUnderTest cluster;

    Remedies(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    void apply() {
        if (cluster.runningOn().isEmpty()) {
            cluster.changeStrategy(RunStrategy.Halted);
            cluster.settle();
            newest().ifPresent(this::approve);
            cluster.changeStrategy(RunStrategy.Always);
            cluster.settle();
        }
        if (cluster.runningOn().isEmpty() && FOR_A_BACKUP.contains(reason())) {
            return;
        }
        cluster.assertRunsAsRecorded();
    }

    private Reason reason() {
        return ConditionType.Ready.in(cluster.status().conditions())
                .map(condition -> Reason.valueOf(condition.getReason()))
                .orElseThrow();
    }

    private record Newest(GuestStateVersion version, int tpm) {}

    /** Of those that open, on the node whose folder it is. */
    private Optional<Newest> newest() {
        UUID vm = cluster.identity();
        return Optional.ofNullable(cluster.status().guestState())
                .map(TrustedLaunchVMStatus.GuestState::home)
                .map(home -> new HomeView(cluster.host(home.nodeName()), vm))
                .flatMap(home -> cluster.server
                        .find(Secret.class, vm.toString())
                        .flatMap(key -> home.versions().stream()
                                .sorted(Comparator.reverseOrder())
                                .flatMap(
                                        version -> home.tpm(version, key).map(tpm -> new Newest(version, tpm)).stream())
                                .findFirst()));
    }

    private void approve(Newest newest) {
        cluster.ledger.allowTpm(cluster.identity(), newest.tpm());
        cluster.edit(spec -> spec.approveGuestState(new ApprovedGuestState(
                newest.version().epoch(), newest.version().generation(), "administrator")));
    }
}
