package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.nio.file.Files;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What an administrator does about a start that is refused because a host's disk was set back, or because restored data gave
 * an epoch out twice: stop the VM, and approve the newest state that there is. A VM whose status was lost during its first
 * start, on a node that is gone, never had a state; that it never ran only its owner can know, who creates it again.
 */
final class Remedies {
    private final ClusterUnderTest cluster;

    Remedies(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    /** What a person has asked for, and cannot be had, waits for him; he gives it up here. */
    void giveUp() {
        if (cluster.runningOn().isPresent()) {
            return;
        }
        if (EnumSet.of(Reason.RestoreFailed, Reason.BackupNotUsable).contains(reason())) {
            cluster.users.edit(spec -> spec.approveRestore(null));
            cluster.settle();
        }
        // The VM has moved since, to where its earlier states are not.
        if (cluster.runningOn().isEmpty() && reason() == Reason.GuestStateNotApproved) {
            cluster.users.edit(spec -> spec.approveGuestState(null));
            cluster.settle();
        }
    }

    /**
     * The API server's data is of a time before the key was made: nobody has it. A guest that runs goes on, but neither moves nor,
     * once it has ended, starts again (docs/recovery.md). Which TPM it has may not be on record, since only the key opens that.
     */
    boolean isKeyLost() {
        return cluster.faults.lostKey(cluster.identity()) && reason() == Reason.KeyMissing;
    }

    /** Nothing else waits for a person. */
    boolean areNeeded() {
        return cluster.faults.wereSetBack()
                || (cluster.faults.wereStatesRemoved() && cluster.runningOn().isEmpty())
                || (cluster.faults.wasRestored() && reason() == Reason.WorkingCopyElsewhere)
                || (cluster.faults.lostAStatus()
                        && reason() == Reason.TpmStateMissing
                        && cluster.ledger.ek(cluster.identity()).isEmpty());
    }

    /** Once for each reason that shows up. */
    void apply() {
        Set<Reason> treated = EnumSet.noneOf(Reason.class);
        while ((cluster.runningOn().isEmpty() || reason() == Reason.WorkingCopyElsewhere) && treated.add(reason())) {
            cluster.users.changeStrategy(RunStrategy.Halted);
            cluster.settle();
            approveNewest();
            cluster.users.changeStrategy(RunStrategy.Always);
            cluster.settle();
        }
        if (!needsABackup()) {
            cluster.assertRunsAsRecorded();
        }
    }

    /** @return whether there is one */
    boolean approveNewest() {
        Optional<Newest> newest = newest();
        newest.ifPresent(this::approve);
        return newest.isPresent();
    }

    /** Its disk, or every state of its TPM, is gone with what was on the host's disk: nothing is made in its place. */
    private boolean needsABackup() {
        if (cluster.runningOn().isPresent()) {
            return false;
        }
        return switch (reason()) {
            case TpmStateMissing, GuestStateMissing, Restarting -> newest().isEmpty();
            // The disk of the host was set back to the middle of a copy.
            case DisksIncomplete ->
                cluster.faults.wasSetBack(cluster.host(cluster.status().nodeName()));
            // Host and record were set back to a first start whose TPM was given up since: neither that nor its
            // successor ever ran.
            case EkMismatch ->
                cluster.faults.wasRestored()
                        && cluster.ledger.ek(cluster.identity()).isEmpty();
            // Its source was set back, and does not know any more how the migration ended.
            case WorkingCopyElsewhere ->
                cluster.faults.wasRestored()
                        && cluster.faults.wereSetBack()
                        && message().contains("not on record");
            case DiskMissing -> home().filter(home -> Files.exists(home.disk())).isEmpty();
            default -> false;
        };
    }

    private Reason reason() {
        return ConditionType.Ready.in(cluster.status().conditions())
                .map(condition -> Reason.valueOf(condition.getReason()))
                .orElseThrow();
    }

    private String message() {
        return ConditionType.Ready.in(cluster.status().conditions())
                .orElseThrow()
                .getMessage();
    }

    private record Newest(GuestStateVersion version, int tpm) {}

    /** Of those that open, on the node whose folder it is. */
    private Optional<Newest> newest() {
        return home().flatMap(home -> cluster.server
                .find(Secret.class, home.vm().toString())
                .flatMap(key -> home.versions().stream()
                        .sorted(Comparator.reverseOrder())
                        .flatMap(version -> home.tpm(version, key).map(tpm -> new Newest(version, tpm)).stream())
                        .findFirst()));
    }

    /** A restored record may name none: whoever looks finds it where the VM's folder has states. */
    private Optional<HomeView> home() {
        Optional<HomeView> recorded = Optional.ofNullable(cluster.status().guestState())
                .map(TrustedLaunchVMStatus.GuestState::home)
                .map(home -> new HomeView(cluster.host(home.nodeName()), cluster.identity()));
        return recorded.or(() -> cluster.hosts.stream()
                .map(host -> new HomeView(host, cluster.identity()))
                .filter(home -> !home.versions().isEmpty())
                .max(Comparator.comparing(home -> Collections.max(home.versions()))));
    }

    private void approve(Newest newest) {
        ApprovedGuestState approved = new ApprovedGuestState(
                newest.version().epoch(), newest.version().generation(), "administrator", lastEpoch());
        epoch().filter(this::isOrderedWithPresentApproval)
                .ifPresent(epoch -> cluster.ledger.keepsApproval(cluster.identity(), epoch));
        cluster.ledger.approved(cluster.identity(), approved.lastEpoch(), newest.tpm());
        cluster.users.edit(spec -> spec.approveGuestState(approved));
    }

    private Optional<Long> epoch() {
        return Optional.ofNullable(cluster.status().epoch());
    }

    /** The start that is under way does not lose it (docs/guest-state-and-approvals.md). */
    private boolean isOrderedWithPresentApproval(long epoch) {
        Optional<GuestStateVersion> present =
                cluster.vm().map(vm -> vm.getSpec().approveGuestState()).map(ApprovedGuestState::version);
        return present.isPresent()
                && cluster.incarnation(epoch)
                        .map(incarnation -> incarnation.getSpec().approvedGuestState())
                        .equals(present);
    }

    private Long lastEpoch() {
        return Optional.ofNullable(cluster.status().guestState())
                .map(TrustedLaunchVMStatus.GuestState::floor)
                .map(GuestStateVersion::epoch)
                .orElse(null);
    }
}
