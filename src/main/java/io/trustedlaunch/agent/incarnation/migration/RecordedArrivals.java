package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.IncarnationRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.migration.Arrivals;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** The guests that may arrive, by the agent's records. */
public final class RecordedArrivals implements Arrivals {
    private final VmRecordStore records;
    private final Homes homes;
    private final Consumer<UUID> left;

    /** @param left called with a VM whose guest has left its source */
    public RecordedArrivals(VmRecordStore records, Homes homes, Consumer<UUID> left) {
        this.records = records;
        this.homes = homes;
        this.left = left;
    }

    @Override
    public Optional<String> refusal(String fromNode, UUID vm, long epoch) {
        boolean expected = expected(fromNode, vm, epoch)
                .filter(record ->
                        record.highestEpoch() == epoch && record.of(epoch).expectsGuest())
                .isPresent();
        return expected ? Optional.empty() : Optional.of(unexpected(fromNode, vm, epoch));
    }

    /** After the guest was resumed they are older than its claim, and the folder may be that of a restore since: nothing is kept. */
    @Override
    public Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files) {
        if (hasResumed(vm, epoch)) {
            return Optional.empty();
        }
        Optional<String> location = expected(fromNode, vm, epoch)
                .flatMap(record -> record.of(epoch).arrival())
                .flatMap(ArrivalRecord::copiedTo);
        if (location.isEmpty()) {
            return Optional.of(unexpected(fromNode, vm, epoch));
        }
        try {
            homes.at(new VmFolder(Path.of(location.get()), vm)).take(files, epoch);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("the guest state cannot be written to the VM's home: " + e.getMessage());
        }
    }

    /** May be repeated, also after the guest was resumed here. */
    @Override
    public Optional<String> left(String fromNode, UUID vm, long epoch) {
        if (expected(fromNode, vm, epoch).isEmpty()) {
            return Optional.of(unexpected(fromNode, vm, epoch));
        }
        records.update(vm, record -> isExpected(record, fromNode, epoch) ? record.withLeftSource(epoch) : record);
        left.accept(vm);
        return Optional.empty();
    }

    /** Only a guest that was resumed has all of its disks here for certain: this host's disk may have been set back. */
    @Override
    public Optional<String> taken(String fromNode, UUID vm, long epoch) {
        if (hasResumed(vm, epoch)) {
            return Optional.empty();
        }
        return Optional.of(
                expected(fromNode, vm, epoch).isPresent()
                        ? "the guest of VM " + vm + " has not been resumed as epoch " + epoch
                        : unexpected(fromNode, vm, epoch));
    }

    /** Whether it came from its own home or from any node: what a node still has of earlier incarnations is older. */
    private boolean hasResumed(UUID vm, long epoch) {
        return records.lookUp(vm)
                .found()
                .filter(record -> record.of(epoch).resumed())
                .isPresent();
    }

    private Optional<VmRecord> expected(String fromNode, UUID vm, long epoch) {
        return records.lookUp(vm).found().filter(record -> isExpected(record, fromNode, epoch));
    }

    /** The files of a guest that never ran may be removed already. */
    private static boolean isExpected(VmRecord record, String fromNode, long epoch) {
        IncarnationRecord incarnation = record.of(epoch);
        return incarnation
                        .arrival()
                        .filter(arrival -> arrival.nodeName().equals(fromNode))
                        .isPresent()
                && !incarnation.exit().equals(Optional.of(Exit.NeverRan));
    }

    private static String unexpected(String fromNode, UUID vm, long epoch) {
        return "no guest of VM " + vm + " is expected from node " + fromNode + " as epoch " + epoch;
    }
}
