package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What people are told of when a VM's status changes: troubles when they begin, never the ordinary course. */
public final class VmEvents {
    /** What comes and goes in an ordinary life; its conditions tell it. */
    private static final Set<Reason> ORDINARY = EnumSet.of(
            Reason.Starting,
            Reason.Running,
            Reason.Stopping,
            Reason.Halted,
            Reason.Succeeded,
            Reason.Deleting,
            Reason.Migrating);

    private VmEvents() {}

    /** @param before null at first */
    public static List<EventDraft> of(TrustedLaunchVMStatus before, TrustedLaunchVMStatus after, VmStep step) {
        List<EventDraft> happenings = new ArrayList<>();
        step.event().ifPresent(happenings::add);
        problem(before, after).ifPresent(happenings::add);
        lostEligibility(before, after).ifPresent(happenings::add);
        approval(before, after).ifPresent(happenings::add);
        unwatched(before, after).ifPresent(happenings::add);
        return happenings;
    }

    private static Optional<EventDraft> problem(TrustedLaunchVMStatus before, TrustedLaunchVMStatus after) {
        Optional<Condition> ready = find(after, ConditionType.Ready);
        return ready.filter(condition -> !find(before, ConditionType.Ready)
                        .map(was -> was.getReason().equals(condition.getReason()))
                        .orElse(false))
                .filter(condition -> !ORDINARY.contains(Reason.valueOf(condition.getReason())))
                .map(condition -> EventDraft.warning(Reason.valueOf(condition.getReason()), condition.getMessage()));
    }

    /** Only of a VM that exists: one that is refused tells it by Ready. */
    private static Optional<EventDraft> lostEligibility(TrustedLaunchVMStatus before, TrustedLaunchVMStatus after) {
        boolean was = find(before, ConditionType.ImageEligible)
                .map(condition -> condition.getStatus().equals(State.True.name()))
                .orElse(false);
        return find(after, ConditionType.ImageEligible)
                .filter(condition -> was && condition.getStatus().equals(State.False.name()))
                .map(condition -> EventDraft.warning(Reason.valueOf(condition.getReason()), condition.getMessage()));
    }

    /** Something of the guest's may be lost by it, and somebody wanted it so. */
    private static Optional<EventDraft> approval(TrustedLaunchVMStatus before, TrustedLaunchVMStatus after) {
        return usedApproval(after)
                .filter(used -> !usedApproval(before).equals(Optional.of(used)))
                .map(used -> EventDraft.warning(
                        Reason.GuestStateApproved,
                        "epoch " + used.forEpoch() + " began with guest state " + used.version()
                                + ", which is not the newest on record: approved by "
                                + Optional.ofNullable(used.approvedBy())
                                        .orElse("somebody who has changed spec.approveGuestState since")));
    }

    private static Optional<TrustedLaunchVMStatus.Approval> usedApproval(TrustedLaunchVMStatus status) {
        return guestState(status).map(TrustedLaunchVMStatus.GuestState::approval);
    }

    private static Optional<EventDraft> unwatched(TrustedLaunchVMStatus before, TrustedLaunchVMStatus after) {
        return lastWatched(after)
                .filter(last -> !lastWatched(before).equals(Optional.of(last)))
                .map(last -> EventDraft.warning(Reason.GuestStateChangedUnwatched, UnwatchedChange.after(last)));
    }

    private static Optional<GuestStateVersion> lastWatched(TrustedLaunchVMStatus status) {
        return guestState(status).map(TrustedLaunchVMStatus.GuestState::lastWatched);
    }

    private static Optional<TrustedLaunchVMStatus.GuestState> guestState(TrustedLaunchVMStatus status) {
        return Optional.ofNullable(status).map(TrustedLaunchVMStatus::guestState);
    }

    private static Optional<Condition> find(TrustedLaunchVMStatus status, ConditionType type) {
        return status == null ? Optional.empty() : Conditions.find(status.conditions(), type);
    }
}
