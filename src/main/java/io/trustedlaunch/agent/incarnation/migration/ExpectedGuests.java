package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.migration.Arrivals;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** The guests that may come, by the memory. */
public final class ExpectedGuests implements Arrivals {
    private final VmRecordStore memory;
    private final Homes homes;
    private final Consumer<UUID> news;

    /** @param news hears of a VM whose guest has left where it comes from */
    public ExpectedGuests(VmRecordStore memory, Homes homes, Consumer<UUID> news) {
        this.memory = memory;
        this.homes = homes;
        this.news = news;
    }

    @Override
    public Optional<String> refusal(String fromNode, UUID vm, long epoch) {
        return expected(fromNode, vm, epoch)
                .map(VmRecord::expectedArrival)
                .filter(Optional::isPresent)
                .map(awaited -> Optional.<String>empty())
                .orElseGet(() -> Optional.of(unexpected(fromNode, vm, epoch)));
    }

    /** Also of a guest that has come, for as long as what it brought is here. */
    @Override
    public Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files) {
        Optional<String> location = expected(fromNode, vm, epoch)
                .filter(record -> !isGivenUp(record, epoch))
                .map(record -> record.migration().arrival().copiedTo());
        if (location.isEmpty()) {
            return Optional.of(unexpected(fromNode, vm, epoch));
        }
        try {
            homes.at(new VmFolder(Path.of(location.get()), vm)).take(files, epoch);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("its guest state cannot be kept: " + e.getMessage());
        }
    }

    /** Said again after the guest was let run here, it is as true as before. */
    @Override
    public Optional<String> left(String fromNode, UUID vm, long epoch) {
        // Where its disks were removed again, it must not be said to be here: they would be removed there, too.
        if (expected(fromNode, vm, epoch)
                .filter(record -> !isGivenUp(record, epoch))
                .isEmpty()) {
            return Optional.of(unexpected(fromNode, vm, epoch));
        }
        memory.update(
                vm,
                record -> isExpected(record, fromNode, epoch) && !isGivenUp(record, epoch)
                        ? record.withMigration(record.migration().withLeftSource())
                        : record);
        news.accept(vm);
        return Optional.empty();
    }

    private static boolean isGivenUp(VmRecord record, long epoch) {
        return record.exitOf(epoch).equals(Optional.of(Exit.NeverRan))
                && !record.migration().arrival().left();
    }

    private Optional<VmRecord> expected(String fromNode, UUID vm, long epoch) {
        return memory.lookUp(vm).found().filter(record -> isExpected(record, fromNode, epoch));
    }

    private static boolean isExpected(VmRecord record, String fromNode, long epoch) {
        Arrival arrival = record.migration().arrival();
        return !record.erased()
                && arrival != null
                && arrival.epoch() == epoch
                && arrival.nodeName().equals(fromNode);
    }

    private static String unexpected(String fromNode, UUID vm, long epoch) {
        return "no guest of VM " + vm + " is awaited from node " + fromNode + " as epoch " + epoch;
    }
}
