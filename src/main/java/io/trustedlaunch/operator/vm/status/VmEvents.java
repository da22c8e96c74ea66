package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.plan.RetentionStep;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The events of a change of a VM's status: problems when they begin, and nothing of the normal course. */
public final class VmEvents {
    /** Reasons of the normal course, which only the conditions show. */
    private static final Set<Reason> NORMAL = EnumSet.of(
            Reason.Starting,
            Reason.Running,
            Reason.Stopping,
            Reason.Halted,
            Reason.Succeeded,
            Reason.Deleting,
            Reason.Migrating,
            Reason.Restoring,
            Reason.Restored);

    private VmEvents() {}

    /** @param before empty if there was no status yet */
    public static List<EventDraft> of(
            Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after, VmStep step) {
        List<EventDraft> events = new ArrayList<>();
        step.event().ifPresent(events::add);
        problem(before, after).ifPresent(events::add);
        lostEligibility(before, after).ifPresent(events::add);
        secureBootOff(before, after).ifPresent(events::add);
        keyNotHeld(before, after).ifPresent(events::add);
        usedApproval(before, after, step).map(VmEvents::approval).ifPresent(events::add);
        unwatched(before, after).ifPresent(events::add);
        return events;
    }

    private static Optional<EventDraft> problem(Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after) {
        Optional<Condition> ready = find(after, ConditionType.Ready);
        return ready.filter(condition -> !before.flatMap(status -> find(status, ConditionType.Ready))
                        .map(was -> was.getReason().equals(condition.getReason()))
                        .orElse(false))
                .filter(condition -> !NORMAL.contains(Reason.valueOf(condition.getReason())))
                .map(VmEvents::warning);
    }

    /** The event comes only after the image was eligible. */
    private static Optional<EventDraft> lostEligibility(
            Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after) {
        boolean was = before.flatMap(status -> find(status, ConditionType.ImageEligible))
                .map(condition -> condition.getStatus().equals(State.True.name()))
                .orElse(false);
        return notHolding(after, ConditionType.ImageEligible, condition -> was);
    }

    private static Optional<EventDraft> secureBootOff(
            Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after) {
        Optional<Condition> was = before.flatMap(status -> isFalse(status, ConditionType.SecureBoot));
        return notHolding(after, ConditionType.SecureBoot, condition -> was.isEmpty());
    }

    /** The event also comes when a key that is being deleted is gone. */
    private static Optional<EventDraft> keyNotHeld(
            Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after) {
        Optional<String> was =
                before.flatMap(status -> isFalse(status, ConditionType.KeyHeld)).map(Condition::getReason);
        return notHolding(after, ConditionType.KeyHeld, condition -> !was.equals(Optional.of(condition.getReason())));
    }

    /** Unless Ready shows it. */
    private static Optional<EventDraft> notHolding(
            TrustedLaunchVMStatus after, ConditionType type, Predicate<Condition> isNew) {
        Optional<String> shown = find(after, ConditionType.Ready).map(Condition::getReason);
        return isFalse(after, type)
                .filter(isNew)
                .filter(condition -> !shown.equals(Optional.of(condition.getReason())))
                .map(VmEvents::warning);
    }

    private static Optional<Condition> isFalse(TrustedLaunchVMStatus status, ConditionType type) {
        return find(status, type).filter(condition -> condition.getStatus().equals(State.False.name()));
    }

    private static EventDraft warning(Condition condition) {
        return EventDraft.warning(Reason.valueOf(condition.getReason()), condition.getMessage());
    }

    /** The approval that goes on record now. One that a VM takes over was used before. */
    static Optional<Approval> usedApproval(
            Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after, VmStep step) {
        return usedApproval(after)
                .filter(used -> !(step instanceof RetentionStep.TakeOver))
                .filter(used -> !before.flatMap(VmEvents::usedApproval).equals(Optional.of(used)));
    }

    /** The guest may lose data by it, with a user's approval. */
    private static EventDraft approval(Approval used) {
        return EventDraft.warning(
                Reason.GuestStateApproved,
                "epoch " + used.forEpoch() + " started from guest state " + used.version()
                        + ", which is not the newest on record"
                        + Optional.ofNullable(used.backup())
                                .map(backup -> ", and the disks of VMBackup " + backup)
                                .orElse("")
                        + "; approved by "
                        + Optional.ofNullable(used.approvedBy())
                                .orElse("a user who has changed spec.approveGuestState since"));
    }

    private static Optional<Approval> usedApproval(TrustedLaunchVMStatus status) {
        return guestState(status).map(TrustedLaunchVMStatus.GuestState::approval);
    }

    private static Optional<EventDraft> unwatched(Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after) {
        return lastWatched(after)
                .filter(last -> !before.flatMap(VmEvents::lastWatched).equals(Optional.of(last)))
                .map(last -> EventDraft.warning(Reason.GuestStateChangedUnwatched, UnwatchedChange.after(last)));
    }

    private static Optional<GuestStateVersion> lastWatched(TrustedLaunchVMStatus status) {
        return guestState(status).map(TrustedLaunchVMStatus.GuestState::lastWatched);
    }

    private static Optional<TrustedLaunchVMStatus.GuestState> guestState(TrustedLaunchVMStatus status) {
        return Optional.ofNullable(status.guestState());
    }

    private static Optional<Condition> find(TrustedLaunchVMStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type);
    }
}
