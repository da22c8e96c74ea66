package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.End;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.gueststate.Claimant;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The agent's durable record of a VM.
 *
 * @param vmRef the VM's object in the API server; empty: none was named yet
 * @param location the storage location with its folder, as a path; empty as well
 * @param ekDigest of the endorsement key that was found first; empty: none was. Once there was one, no TPM is made
 * @param disksMade the disks that were made here, so that none is made twice
 * @param newest the newest guest state that this agent sealed; empty: none. A home with only older ones was rolled back
 * @param erasedUpTo the last epoch of which nothing is left here, and that never begins again; 0: none
 * @param incarnations by epoch; an earlier one is forgotten once a later one answers all that is asked of it
 */
@RecordBuilder
public record VmRecord(
        Optional<VmRef> vmRef,
        Optional<String> location,
        Optional<String> ekDigest,
        SortedSet<String> disksMade,
        Optional<GuestStateVersion> newest,
        long erasedUpTo,
        SortedMap<Long, IncarnationRecord> incarnations) {
    /** Which incarnation was the last one that was so? No other is asked for. */
    private static final List<Predicate<IncarnationRecord>> QUESTIONS = List.of(
            incarnation -> true,
            IncarnationRecord::resumed,
            IncarnationRecord::ownsCopy,
            IncarnationRecord::mayHaveState,
            incarnation -> incarnation.arrival().isPresent(),
            incarnation -> incarnation.departure().isPresent());

    /** The record of a VM that was never here. */
    public static final VmRecord NONE = VmRecordBuilder.builder()
            .disksMade(new TreeSet<>())
            .incarnations(new TreeMap<>())
            .build();

    public VmRecord {
        disksMade = new TreeSet<>(disksMade);
        incarnations = withoutForgotten(incarnations);
    }

    private static SortedMap<Long, IncarnationRecord> withoutForgotten(SortedMap<Long, IncarnationRecord> all) {
        SortedMap<Long, IncarnationRecord> remembered = new TreeMap<>();
        for (Predicate<IncarnationRecord> question : QUESTIONS) {
            last(all, question).ifPresent(epoch -> remembered.put(epoch, all.get(epoch)));
        }
        return remembered;
    }

    private static Optional<Long> last(SortedMap<Long, IncarnationRecord> all, Predicate<IncarnationRecord> question) {
        return all.keySet().stream()
                .filter(epoch -> question.test(all.get(epoch)))
                .reduce((one, later) -> later);
    }

    /** The highest of all epochs that were seen or erased here; 0: none was. */
    public long highestEpoch() {
        return Math.max(erasedUpTo, incarnations.isEmpty() ? 0 : incarnations.lastKey());
    }

    public boolean isErased(long epoch) {
        return epoch <= erasedUpTo;
    }

    /** An incarnation neither begins nor continues here once a later one was seen, or it was erased. */
    public boolean mayRun(long epoch) {
        return epoch >= highestEpoch() && !isErased(epoch);
    }

    public IncarnationRecord of(long epoch) {
        return incarnations.getOrDefault(epoch, IncarnationRecord.SEEN);
    }

    /** The last incarnation whose guest was resumed here, or was about to be. */
    public Optional<Long> lastRun() {
        return last(incarnations, IncarnationRecord::resumed);
    }

    /** How far an incarnation came. One that is forgotten is over, and may have run if a later one did. */
    public EpochProgress progress(long epoch) {
        if (incarnations.containsKey(epoch)) {
            EpochProgress progress = incarnations.get(epoch).progress();
            return isErased(epoch) ? new EpochProgress(progress.reached(), End.ERASED) : progress;
        }
        if (epoch > highestEpoch()) {
            return EpochProgress.NOTHING;
        }
        boolean mayHaveRun = lastRun().filter(run -> epoch < run).isPresent();
        return new EpochProgress(mayHaveRun ? Reached.RESUMED : Reached.SEEN, End.ENDED);
    }

    /** The epoch whose guest has the last state, if that was not sealed; empty: all of it is home, or no guest ran here. */
    public Optional<Long> unsealed() {
        return lastRun().filter(epoch -> !of(epoch).complete());
    }

    /** The epoch whose working copy is on this host, if one is; empty: unknown. */
    public Optional<Long> copyOwner() {
        return last(incarnations, IncarnationRecord::ownsCopy);
    }

    /** The guest whose last state is in the working copy, if one is there, and was not sealed. */
    public Optional<Long> unsealedCopy() {
        return unsealed().filter(epoch -> copyOwner().equals(Optional.of(epoch)));
    }

    /** The incarnation whose guest leaves, or has left, to be that incarnation on another host. */
    public Optional<Long> departingTo(long target) {
        return last(
                incarnations,
                incarnation -> incarnation
                        .departure()
                        .filter(departure -> departure.epoch() == target)
                        .isPresent());
    }

    /** The latest epoch of which this host may have state, or else one that made disks for the VM's first start. */
    Optional<Long> latestIncarnation() {
        return last(incarnations, IncarnationRecord::mayHaveState)
                .or(() -> disksMade.isEmpty() ? Optional.empty() : last(incarnations, incarnation -> true))
                .filter(epoch -> !isErased(epoch));
    }

    public VmRecord named(VmRef ref, String inLocation) {
        return VmRecordBuilder.builder(this)
                .vmRef(Optional.of(ref))
                .location(Optional.of(inLocation))
                .build();
    }

    /** The incarnation whose guest has not arrived, with something here that was made for it. */
    public Optional<Long> pendingArrival() {
        return last(
                incarnations,
                incarnation -> incarnation.isPendingArrival()
                        && (incarnation.exit().isEmpty()
                                || incarnation
                                        .arrival()
                                        .flatMap(ArrivalRecord::copiedTo)
                                        .isPresent()));
    }

    public VmRecord seen(long epoch) {
        return with(epoch, incarnation -> {});
    }

    public VmRecord withProof(long epoch, Optional<String> proof) {
        return with(epoch, incarnation -> incarnation.proof(proof));
    }

    /** A later request that names fewer takes nothing back: restored data may not know why the incarnation began. */
    public VmRecord withFences(long epoch, Collection<String> fences) {
        SortedSet<String> all = new TreeSet<>(of(epoch).fences());
        return all.addAll(fences) ? with(epoch, incarnation -> incarnation.fences(all)) : this;
    }

    public VmRecord withClaimant(long epoch, Claimant claimant) {
        return with(epoch, incarnation -> incarnation.claimant(Optional.of(claimant)));
    }

    public VmRecord resumed(long epoch) {
        return with(epoch, incarnation -> incarnation.resumed(true));
    }

    public VmRecord withEk(String digest) {
        return VmRecordBuilder.builder(this).ekDigest(Optional.of(digest)).build();
    }

    public VmRecord withDisk(String name) {
        SortedSet<String> more = new TreeSet<>(disksMade);
        more.add(name);
        return VmRecordBuilder.builder(this).disksMade(more).build();
    }

    public VmRecord sealed(GuestStateVersion version, Optional<SecureBootState> secureBoot) {
        return sealed(version).with(version.epoch(), incarnation -> incarnation.secureBoot(secureBoot));
    }

    public VmRecord sealed(GuestStateVersion version) {
        boolean newer = newest.isEmpty() || version.compareTo(newest.get()) > 0;
        return newer
                ? VmRecordBuilder.builder(this).newest(Optional.of(version)).build()
                : this;
    }

    /**
     * Takes over a state that is on record elsewhere as the last one of its incarnation: a record that says otherwise is older,
     * because the disk was set back.
     */
    public VmRecord knowing(GuestStateVersion last) {
        return unsealed().equals(Optional.of(last.epoch())) ? sealed(last).completedBy(last.epoch()) : this;
    }

    public VmRecord withCopyOf(long epoch) {
        return with(epoch, incarnation -> incarnation.ownsCopy(true));
    }

    public VmRecord withCopyOf(long epoch, GuestStateVersion from) {
        return with(epoch, incarnation -> incarnation.ownsCopy(true).copiedFrom(Optional.of(from)));
    }

    public VmRecord completedBy(long epoch) {
        return with(epoch, incarnation -> incarnation.complete(true));
    }

    public VmRecord withEnd(long epoch, Exit exit) {
        return with(epoch, incarnation -> incarnation.exit(Optional.of(exit)));
    }

    public VmRecord withShutdown(long epoch, Instant requested) {
        return with(epoch, incarnation -> incarnation.shutdownRequested(Optional.of(requested)));
    }

    public VmRecord withArrival(long epoch, ArrivalRecord arrival) {
        return with(epoch, incarnation -> incarnation.arrival(Optional.of(arrival)));
    }

    public VmRecord withLeftSource(long epoch) {
        return with(
                epoch, incarnation -> incarnation.arrival(of(epoch).arrival().map(ArrivalRecord::withLeftSource)));
    }

    public VmRecord withoutCopiedDisks(long epoch) {
        return with(
                epoch, incarnation -> incarnation.arrival(of(epoch).arrival().map(ArrivalRecord::withoutCopy)));
    }

    public VmRecord withDeparture(long epoch, DepartureRecord departure) {
        return with(epoch, incarnation -> incarnation.departure(Optional.of(departure)));
    }

    /** Nothing is left of this incarnation, and of those before it: enough is kept to refuse late requests. */
    public VmRecord erased(long epoch, Exit exit) {
        return VmRecordBuilder.builder(NONE)
                .vmRef(vmRef)
                .location(location)
                .erasedUpTo(Math.max(epoch, highestEpoch()))
                .build()
                .withEnd(epoch, exit);
    }

    private VmRecord with(long epoch, Consumer<IncarnationRecordBuilder> change) {
        IncarnationRecordBuilder incarnation = IncarnationRecordBuilder.builder(of(epoch));
        change.accept(incarnation);
        SortedMap<Long, IncarnationRecord> all = new TreeMap<>(incarnations);
        all.put(epoch, incarnation.build());
        return VmRecordBuilder.builder(this).incarnations(all).build();
    }
}
