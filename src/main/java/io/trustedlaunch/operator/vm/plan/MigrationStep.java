package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Map;
import java.util.Optional;

/** The steps of a live migration. */
public interface MigrationStep extends VmStep {
    /**
     * Puts the epoch and node of the target on record; the source stays the current incarnation. Carried out by the
     * write of the status.
     *
     * @param shown the step whose status is shown with the migration
     */
    record ReserveMigration(Migration migration, Optional<VmStep> shown) implements MigrationStep, Reservation {
        @Override
        public String node() {
            return migration.targetNode();
        }

        @Override
        public long epoch() {
            return migration.epoch();
        }

        @Override
        public Allocated allocated(VmFacts facts) {
            return facts.incarnations().current().orElseThrow().allocated();
        }

        /** A guest that moves counts once. */
        @Override
        public Use use(VmFacts facts) {
            return QuotaChecks.ofMigration(facts, migration);
        }

        @Override
        public void beforeStatus(VmFacts facts, VmActions actions) {
            actions.confirmLeadership();
            actions.requireUnfinished(migration);
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.migration(migration, shown);
        }

        @Override
        public Failpoint statusWritten() {
            return Failpoint.OPERATOR_MIGRATION_RESERVED;
        }
    }

    /** Asks the source's agent to start the migration, or to cancel it if that is still possible. */
    record Depart(Incarnation source, Departure departure) implements MigrationStep, OnCurrentVm {
        /** The departure to a node that takes part in migrations; empty: it does not. */
        static Optional<VMIncarnationSpecDepartureBuilder> to(NodeInfo node, long epoch) {
            return Optional.ofNullable(node.status())
                    .filter(status -> status.address() != null && status.migrationPort() != null)
                    .map(status -> VMIncarnationSpecDepartureBuilder.builder()
                            .epoch(epoch)
                            .nodeName(node.name())
                            .address(status.address())
                            .port(status.migrationPort()));
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(source, Map.of("departure", departure));
            actions.reached(Failpoint.OPERATOR_DEPARTURE_HANDED);
        }
    }

    /** Tells the target's agent that the guest has left, in case the source's agent could not. */
    record ConfirmHandoff(Incarnation target) implements MigrationStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(target, Map.of("arrival", Map.of("left", true)));
            actions.reached(Failpoint.OPERATOR_HANDOFF_CONFIRMED);
        }
    }

    /**
     * Puts the outcome on record; if the guest has left, its new incarnation becomes the current one. Carried out by
     * the write of the status.
     *
     * @param shown the step whose status is shown with the migration
     */
    record EndMigration(Migration migration, Optional<VmStep> shown) implements MigrationStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.migration(migration, shown);
        }

        @Override
        public Failpoint statusWritten() {
            return Failpoint.OPERATOR_MIGRATION_ENDED;
        }

        @Override
        public Optional<EventDraft> event() {
            return Optional.of(migration.outcome() == Outcome.Moved ? moved() : stayed());
        }

        private EventDraft moved() {
            return EventDraft.normal(
                    Reason.Migrated,
                    "the guest has migrated from " + migration.sourceNode() + " to " + migration.targetNode()
                            + " (epoch " + migration.epoch() + ")");
        }

        private EventDraft stayed() {
            Reason reason = Reason.valueOf(migration.reason());
            String message = "the guest stays on " + migration.sourceNode() + " and did not migrate to "
                    + migration.targetNode() + ": " + migration.message();
            return reason == Reason.MigrationCancelled
                    ? EventDraft.normal(reason, message)
                    : EventDraft.warning(reason, message);
        }
    }
}
