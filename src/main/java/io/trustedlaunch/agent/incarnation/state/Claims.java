package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.FormerCluster;
import io.trustedlaunch.gueststate.Claimant;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides which states in a VM's home an incarnation may take for its own, and which it may start from. So two nodes that were
 * given one epoch, and two clusters that recovered one VM, never both run it.
 */
final class Claims {
    private static final int NONCE_BYTES = 16;

    private final VmRecordStore records;
    private final String nodeName;
    private final SecureRandom random;

    Claims(VmRecordStore records, String nodeName, SecureRandom random) {
        this.records = records;
        this.nodeName = nodeName;
        this.random = random;
    }

    /** No other incarnation, here or elsewhere, is the same claimant. */
    Claimant make(IncarnationFacts facts) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return new Claimant(facts.spec().cluster(), nodeName, HexFormat.of().formatHex(nonce));
    }

    /**
     * The claimant by which this host's incarnation of that epoch claims the home. Its nonce is recorded before there can be a
     * claim. If the record was lost while its guest runs here, the claim of this node is its own. What was recorded for a cluster
     * that was lost since counts if that incarnation has claimed the home.
     *
     * @param found the newest state of that epoch in the home
     */
    Claimant own(IncarnationFacts facts, long epoch, Supplier<Optional<GuestState>> found) {
        Optional<Claimant> recorded = records.require(facts.vm()).of(epoch).claimant();
        return recorded.filter(
                        claimant -> claimant.cluster().equals(facts.spec().cluster()))
                .orElseGet(() -> {
                    Claimant claimant = found.get()
                            .map(GuestState::claimant)
                            .filter(there -> recorded.map(there::equals).orElseGet(() -> isOfThisNode(facts, there)))
                            .orElseGet(() -> make(facts));
                    records.update(facts.vm(), record -> record.withClaimant(epoch, claimant));
                    return claimant;
                });
    }

    boolean isOfThisNode(IncarnationFacts facts, Claimant claimant) {
        boolean ofFormerCluster = formerCluster(facts)
                .filter(former -> former.cluster().equals(claimant.cluster()))
                .isPresent();
        return claimant.node().equals(nodeName)
                && (ofFormerCluster || claimant.cluster().equals(facts.spec().cluster()));
    }

    /** Throws if the incarnation may not start from that state. A person may approve one by name. */
    void requireToStartFrom(IncarnationFacts facts, GuestState state) {
        GuestStateVersion version = state.version();
        if (version.epoch() == facts.epoch()) {
            if (!state.claimant().equals(own(facts, facts.epoch(), () -> Optional.of(state)))) {
                throw refusalOfRival(facts, state);
            }
        } else if (!version.equals(facts.spec().approvedGuestState()) && !isOfKnownCluster(facts, state)) {
            throw new RefusedException(
                    Reason.HomeClaimedElsewhere,
                    found(facts, state) + ", and this cluster (" + facts.spec().cluster()
                            + ") has no record that the VM is its own since then: the VM may run there. If it does, it must"
                            + " not be started here. If it does not, and never will, approve this state with"
                            + " spec.approveGuestState (docs/recovery.md, \"A VM was given out twice\")");
        }
    }

    /** The rival was given the VM at the same time, and was first. */
    RefusedException refusalOfRival(IncarnationFacts facts, GuestState state) {
        return new RefusedException(
                Reason.HomeClaimedElsewhere,
                found(facts, state) + ": it was given the VM at the same time as node " + nodeName + " of cluster "
                        + facts.spec().cluster() + " (epoch " + facts.epoch()
                        + "), and may run it. Make sure that it does not, then stop the VM here (runStrategy: Halted) and"
                        + " start it again (docs/recovery.md, \"A VM was given out twice\")");
    }

    RefusedException refusalOfLaterEpoch(IncarnationFacts facts, GuestStateVersion version, Opening opening) {
        String found = "the VM's home " + facts.homeFolder().path() + " holds " + GuestStateName.of(version)
                + " of a later epoch than this incarnation's (" + facts.epoch() + "), ";
        return switch (opening) {
            case Opening.Opened(GuestState state) ->
                new RefusedException(
                        Reason.GuestStateOfLaterEpoch,
                        found
                                + "which is the VM's own, sealed by " + state.claimant()
                                + ". If the TrustedLaunchVM was restored from a backup, and the VM runs"
                                + " nowhere else, stop it (runStrategy: Halted) and start it again: its next epoch is"
                                + " higher");
            case Opening.Refused refused ->
                new RefusedException(
                        Reason.GuestStateOfLaterEpoch,
                        found + "and " + refused.message() + ". If the TrustedLaunchVM was restored from a backup,"
                                + " restore the original file; if the VM never had this epoch, the file is foreign: move"
                                + " it out of the folder");
        };
    }

    RefusedException refusalOfUnknownClaim(IncarnationFacts facts, Optional<GuestState> claim) {
        return claim.filter(state -> !isOfThisNode(facts, state.claimant()))
                .map(state -> refusalOfRival(facts, state))
                .orElseGet(() -> new RefusedException(
                        Reason.MemoryLost,
                        "the VM's home was claimed for epoch " + facts.epoch()
                                + ", but this node has no record of it: this incarnation may have run before. Stop the VM"
                                + " (runStrategy: Halted), then start it again"));
    }

    private static String found(IncarnationFacts facts, GuestState state) {
        return "the VM's home " + facts.homeFolder().path() + " holds " + GuestStateName.of(state.version())
                + ", which was sealed by " + state.claimant();
    }

    /** The state is of an earlier epoch of this cluster, on whichever node; or of the cluster that the VM was recovered from. */
    private static boolean isOfKnownCluster(IncarnationFacts facts, GuestState state) {
        String cluster = state.claimant().cluster();
        String present = facts.spec().cluster();
        return cluster.equals(present)
                || formerCluster(facts)
                        .filter(former ->
                                cluster.equals(former.clusterOf(state.version().epoch(), present)))
                        .isPresent();
    }

    private static Optional<FormerCluster> formerCluster(IncarnationFacts facts) {
        return Optional.ofNullable(facts.spec().recoveredFrom());
    }
}
