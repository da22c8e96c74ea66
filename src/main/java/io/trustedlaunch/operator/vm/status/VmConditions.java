package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffers;
import io.trustedlaunch.operator.vm.plan.DiskFillPlan;
import io.trustedlaunch.operator.vm.plan.FailoverReadiness;
import io.trustedlaunch.operator.vm.plan.InsertedDiscs;
import io.trustedlaunch.operator.vm.plan.Migratability;
import io.trustedlaunch.operator.vm.plan.PendingChanges;
import io.trustedlaunch.operator.vm.plan.SecureBoot;
import io.trustedlaunch.operator.vm.plan.StartChecks;
import io.trustedlaunch.operator.vm.plan.VbsOffer;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A VM's conditions: always all of them, each with a reason; only two are not for every VM. */
final class VmConditions {
    /** Problems of finding a node, which Placed shows as well as Ready. */
    private static final Set<Reason> OF_PLACEMENT = EnumSet.of(
            Reason.NoNodes,
            Reason.NoNodeFits,
            Reason.WorkingCopyElsewhere,
            Reason.StorageLocationNotFound,
            Reason.AwaitingInventory,
            Reason.CertificatePending);

    private static final Set<Reason> OFF = EnumSet.of(Reason.Halted, Reason.Succeeded);

    private final VmFacts facts;
    private final VmObject vm;
    private final VmOffers offers;
    private final Conditions conditions;

    VmConditions(VmFacts facts, Instant now) {
        this.facts = facts;
        this.vm = facts.vm();
        this.offers = facts.offers();
        this.conditions = new Conditions(
                vm.status().map(status -> status.conditions()).orElse(null),
                vm.resource().getMetadata().getGeneration(),
                now);
    }

    /** A VM that is off without its key can never start again. */
    List<Condition> settled(Reason reason, String message) {
        Optional<Problem> key = OFF.contains(reason) ? lostKey() : Optional.empty();
        Problem why = new Problem(reason, message);
        return all(key.isPresent() ? State.False : State.True, key.orElse(why), isUp(), vm.nodeName(), why);
    }

    List<Condition> blocked(Problem problem) {
        boolean unknown = problem.reason() == Reason.AgentNotAlive;
        return all(unknown ? State.Unknown : State.False, problem, isUp(), vm.nodeName(), problem);
    }

    List<Condition> starting(String node, long epoch) {
        Problem starting = new Problem(Reason.Starting, "epoch " + epoch + " is being prepared on " + node);
        return all(State.False, starting, false, Optional.of(node), starting);
    }

    /**
     * All conditions of a VM, in every state.
     *
     * @param shown by Ready
     */
    private List<Condition> all(State ready, Problem shown, boolean up, Optional<String> node, Problem why) {
        List<Condition> always = List.of(
                conditions.of(ConditionType.Ready, ready, shown.reason(), shown.message() + warnings(shown.reason())),
                running(ready, up, why),
                restartRequired(),
                imageEligible(),
                placed(node, why),
                migratable(),
                keyHeld(),
                failoverReady(),
                secureBoot());
        return conditions.all(Stream.of(
                        always.stream(),
                        up ? virtualizationBasedSecurity().stream() : Stream.<Condition>empty(),
                        discsInserted().stream())
                .flatMap(Function.identity())
                .toList());
    }

    private Condition of(ConditionType type, State state, Problem why) {
        return conditions.of(type, state, why.reason(), why.message());
    }

    private Condition verdict(ConditionType type, boolean holds, Problem verdict) {
        return of(type, holds ? State.True : State.False, verdict);
    }

    private Condition failoverReady() {
        Problem verdict = new FailoverReadiness(facts).verdict();
        return verdict(ConditionType.FailoverReady, verdict.reason() == Reason.FailoverReady, verdict);
    }

    /** The current incarnation's agent reported it last; a node that is proved dead has no guest that is up. */
    private boolean isUp() {
        return facts.incarnations()
                .current()
                .filter(incarnation -> !facts.nodes().isOver(incarnation))
                .map(Incarnation::phase)
                .filter(phase -> phase == Phase.Running || phase == Phase.Stopping)
                .isPresent();
    }

    private Condition running(State ready, boolean up, Problem why) {
        State ifUp = ready == State.Unknown ? State.Unknown : State.True;
        return of(ConditionType.Running, up ? ifUp : State.False, why);
    }

    private Condition restartRequired() {
        Problem verdict = new PendingChanges(facts).verdict();
        return verdict(ConditionType.RestartRequired, PendingChanges.RESTART.contains(verdict.reason()), verdict);
    }

    /** Once the guest has run, the last result stays if the image is gone. */
    private Condition imageEligible() {
        Optional<Condition> found = conditions.before(ConditionType.ImageEligible);
        if (offers.image().spec().isEmpty() && !facts.incarnations().isFirstStart() && found.isPresent()) {
            return conditions.again(found.get());
        }
        if (offers.image().spec().isEmpty()) {
            return of(ConditionType.ImageEligible, State.False, StartChecks.imageNotFound(facts));
        }
        return conditions.of(
                ConditionType.ImageEligible,
                offers.image().isEligible() ? State.True : State.False,
                offers.image().verdict().reason(),
                offers.image().verdict().message());
    }

    private Condition placed(Optional<String> node, Problem why) {
        if (OF_PLACEMENT.contains(why.reason())) {
            return of(ConditionType.Placed, State.False, why);
        }
        return node.map(name -> conditions.of(ConditionType.Placed, State.True, Reason.Placed, "on " + name))
                .orElseGet(() -> of(ConditionType.Placed, State.Unknown, why));
    }

    /** During a migration the VM itself takes up room on the target, so the last result stays. */
    private Condition migratable() {
        Optional<Condition> found = conditions.before(ConditionType.Migratable);
        if (vm.openMigration().isPresent() && found.isPresent()) {
            return conditions.again(found.get());
        }
        Problem verdict = new Migratability(facts).verdict();
        return verdict(ConditionType.Migratable, verdict.reason() == Reason.Migratable, verdict);
    }

    private Condition secureBoot() {
        Problem verdict = new SecureBoot(facts).verdict();
        return of(ConditionType.SecureBoot, isOn(verdict.reason()), verdict);
    }

    /** Absent if the VM is not to have it. */
    private Optional<Condition> virtualizationBasedSecurity() {
        return new VbsOffer(facts)
                .verdict()
                .map(verdict -> of(ConditionType.VirtualizationBasedSecurity, isOffered(verdict.reason()), verdict));
    }

    /** Absent if the VM has no drives. */
    private Optional<Condition> discsInserted() {
        return new InsertedDiscs(facts)
                .verdict()
                .map(verdict ->
                        verdict(ConditionType.DiscsInserted, verdict.reason() == Reason.DiscsInserted, verdict));
    }

    private static State isOffered(Reason reason) {
        if (reason == Reason.VbsNotProved) {
            return State.Unknown;
        }
        return reason == Reason.VbsOffered ? State.True : State.False;
    }

    private static State isOn(Reason reason) {
        if (reason == Reason.SecureBootUnknown) {
            return State.Unknown;
        }
        return reason == Reason.SecureBootOn ? State.True : State.False;
    }

    private String warnings(Reason shown) {
        return keyWarning(shown)
                + new DiskFillPlan(facts)
                        .problem()
                        .map(filling -> "; " + filling.message())
                        .orElse("")
                + facts.guestState()
                        .lastWatched()
                        .map(last -> "; " + UnwatchedChange.after(last))
                        .orElse("")
                + facts.guestState().lapsed().map(this::lapsed).orElse("")
                + facts.guestState()
                        .pendingApproval()
                        .filter(approved -> facts.incarnations()
                                .current()
                                // One that has not claimed the home yet uses it itself.
                                .filter(current -> current.approved().isEmpty()
                                        || current.claim().isPresent())
                                .isPresent())
                        .map(VmConditions::pending)
                        .orElse("");
    }

    private static String pending(ApprovedGuestState approved) {
        return "; the next start goes back to guest state " + approved.version()
                + " (spec.approveGuestState): what the TPM keeps after it is lost then. Remove it if that is not wanted";
    }

    private String lapsed(ApprovedGuestState approved) {
        long last = facts.guestState().floor().orElseThrow().epoch();
        return "; spec.approveGuestState (" + approved.version()
                + ") does not count: it is for a start right after epoch "
                + approved.lastEpoch() + ", and epoch " + last + " has begun since. To go back all the same, set its"
                + " afterEpoch to " + last + "; otherwise remove it";
    }

    /** @param shown not repeated */
    private String keyWarning(Reason shown) {
        return beingDeleted()
                .or(this::lostKey)
                .filter(problem -> problem.reason() != shown)
                .map(problem -> "; " + problem.message())
                .orElse("");
    }

    private Condition keyHeld() {
        Optional<Problem> problem = beingDeleted().or(this::lostKey);
        if (problem.isPresent()) {
            return of(ConditionType.KeyHeld, State.False, problem.get());
        }
        if (facts.key() instanceof KeyFacts.Held) {
            return conditions.of(ConditionType.KeyHeld, State.True, Reason.KeyHeld, Reason.KeyHeld.appearsWhen());
        }
        return vm.isBeingDeleted()
                ? conditions.of(ConditionType.KeyHeld, State.Unknown, Reason.Deleting, "the key is destroyed")
                : conditions.of(
                        ConditionType.KeyHeld, State.Unknown, Reason.KeyNotMade, Reason.KeyNotMade.appearsWhen());
    }

    private Optional<Problem> beingDeleted() {
        return facts.key() instanceof KeyFacts.Held held && held.deletionRequested() && !vm.isBeingDeleted()
                ? Optional.of(new Problem(
                        Reason.KeyBeingDeleted,
                        StartChecks.secret(facts, held.secret().getMetadata().getNamespace())
                                + " was deleted, and only its finalizer keeps it: make a copy of it, remove its finalizer,"
                                + " and create it again from the copy; see docs/recovery.md"))
                : Optional.empty();
    }

    /** The problem of a VM that has had a key. */
    private Optional<Problem> lostKey() {
        return StartChecks.key(facts).filter(problem -> vm.epoch() > 0 && !vm.isBeingDeleted());
    }
}
