package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.quota.QuotaFacts;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All facts that a decision about a VM is made from. Each part answers the questions about itself; what takes the VM's record,
 * its incarnations and the nodes together is asked of {@link #guestState} and {@link #losses}.
 *
 * @param incarnations with the VM's record
 * @param restore from one of its backups
 * @param fill of its disks, if they are not whole yet
 * @param migrations the VMMigrations that are neither deleted nor finished, the oldest first
 * @param quota what the quotas of its namespace leave to it; exact only when it is read to reserve something
 * @param now by this process's clock
 */
@RecordBuilder
public record VmFacts(
        VmIncarnations incarnations,
        VmNodes nodes,
        RestoreFacts restore,
        FillFacts fill,
        VmOffers offers,
        KeyFacts key,
        TakeoverFacts takeover,
        List<VMMigration> migrations,
        QuotaFacts quota,
        Instant now) {
    /** How many epochs a VM can have had since the backup that its record was restored from. */
    private static final long FURTHEST_BEHIND = 1_000_000;

    public VmObject vm() {
        return incarnations.vm();
    }

    public GuestStateRecord guestState() {
        return new GuestStateRecord(incarnations, nodes);
    }

    /** The losses on nodes that are proved dead. */
    public NodeLosses losses() {
        return new NodeLosses(guestState());
    }

    /**
     * No epoch is reserved twice, even if its incarnation never ran, or a restored record does not know of it. What nodes say is
     * believed as far as a record can be behind: a node must not use up the epochs of a VM that it has.
     */
    public long nextEpoch() {
        long recorded =
                Math.max(vm().epoch(), vm().migration().map(Migration::epoch).orElse(0L));
        long latest = Stream.of(
                        guestState().restored().map(Restore::guestState).map(GuestStateVersion::epoch).stream(),
                        incarnations.all().stream().flatMap(incarnation -> incarnation.foundLaterEpoch().stream()),
                        nodes.inventory().onNodes().stream().map(ReportedIncarnation::epoch))
                .flatMap(epochs -> epochs)
                .filter(reported -> reported - recorded <= FURTHEST_BEHIND)
                .max(Comparator.naturalOrder())
                .orElse(0L);
        return Math.addExact(Math.max(recorded, latest), 1);
    }

    /** The record of a retained VM with this identity. */
    public RetainedVm retained() {
        return RetainedVm.of(key);
    }

    /** These facts with the migration on record; if it succeeded, the incarnation on the target is the current one. */
    public VmFacts recording(Migration migration) {
        return VmFactsBuilder.builder(this)
                .incarnations(VmIncarnationsBuilder.builder(incarnations)
                        .vm(vm().recording(migration))
                        .build())
                .build();
    }

    /** The incarnation whose guest runs and shall go on; one that is paused between two nodes does. */
    public Optional<Incarnation> guestThatGoesOn() {
        return incarnations
                .current()
                .filter(incarnation -> !vm().isHalted() && !vm().isBeingDeleted())
                .filter(incarnation -> incarnation.desired() == DesiredState.Running
                        && !nodes.isOver(incarnation)
                        && (incarnation.hasRun() || incarnation.isArriving()));
    }
}
