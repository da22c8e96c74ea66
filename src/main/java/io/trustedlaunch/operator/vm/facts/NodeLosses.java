package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The losses of a VM on nodes that are proved dead, and the proofs that it relies on. */
public record NodeLosses(GuestStateRecord guestState) {
    private Stream<Over.ByFence> overByFence() {
        return guestState.incarnations().all().stream()
                .flatMap(incarnation -> guestState.nodes().over(incarnation).stream())
                .flatMap(over -> over instanceof Over.ByFence fenced ? Stream.of(fenced) : Stream.empty());
    }

    /**
     * The losses on dead nodes, which a start elsewhere would go on without: incarnations that are over only by a
     * fence, and one that may have left newer state on its node than that in the home. The latest first.
     */
    public List<Over.ByFence> all() {
        Optional<Over.ByFence> owing = guestState
                .homeToStartFrom()
                .unsealedOn()
                .flatMap(node -> guestState.incarnations().all().stream()
                        .filter(incarnation -> incarnation.node().equals(node) && incarnation.isOver())
                        .max(Comparator.comparingLong(Incarnation::epoch)))
                .flatMap(incarnation -> Optional.ofNullable(
                                guestState.nodes().fenced().get(incarnation.node()))
                        .map(death -> new Over.ByFence(incarnation, death)));
        return Stream.concat(overByFence(), owing.stream())
                .sorted(Comparator.comparingLong(
                                (Over.ByFence over) -> over.incarnation().epoch())
                        .reversed())
                .toList();
    }

    /** The one of them whose guest ran last; if none did, the latest. */
    public Optional<Over.ByFence> last() {
        List<Over.ByFence> all = all();
        return all.stream()
                .filter(over -> over.incarnation().hasRun())
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    /**
     * The NodeFences without which no other incarnation than that epoch's might begin: of each one that is over only by a
     * fence, whatever came between, and of the node that owes newer state than the home has.
     */
    public SortedSet<String> fencesReliedOn(long epoch) {
        Stream<String> incarnationsOver = overByFence()
                .filter(over -> over.incarnation().epoch() != epoch)
                .map(Over.ByFence::fence);
        Stream<String> owed = guestState.homeToStartFrom().unsealedOn().stream()
                .flatMap(node -> Stream.ofNullable(guestState.nodes().fenced().get(node)))
                .map(ProvedDeath::fence);
        return Stream.concat(incarnationsOver, owed).collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * When the VM was last given to another node because its node was proved dead, and its guest may have run there; empty if
     * no incarnation says so.
     */
    public Optional<Instant> lastFailover() {
        return guestState.incarnations().all().stream()
                .filter(Incarnation::hasTakenHome)
                .flatMap(incarnation -> incarnation.lastFailover().stream())
                .max(Comparator.naturalOrder());
    }

    /**
     * The floor with all that these nodes have reported: someone who can remove files at home must not turn a TPM back by letting
     * its host die. It goes on record in the write that reserves the next epoch.
     */
    public Optional<GuestStateVersion> floor() {
        Stream<GuestStateVersion> reported = guestState.incarnations().isFirstStart()
                ? Stream.empty()
                : all().stream()
                        .flatMap(over -> over.incarnation().sealed().stream())
                        .map(SealedState::version);
        return Stream.concat(guestState.floor().stream(), reported).max(Comparator.naturalOrder());
    }
}
