package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.incarnation.MoveRecord.Arrival;
import io.trustedlaunch.agent.movement.Arrivals;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** The guests that may come, by the memory. */
public final class ExpectedGuests implements Arrivals {
    private final VmMemory memory;
    private final Consumer<UUID> news;

    /** @param news hears of a VM whose guest has left where it comes from */
    public ExpectedGuests(VmMemory memory, Consumer<UUID> news) {
        this.memory = memory;
        this.news = news;
    }

    @Override
    public Optional<String> refusal(String fromNode, UUID vm, long epoch) {
        return expected(fromNode, vm, epoch)
                .map(VmRecord::awaited)
                .filter(Optional::isPresent)
                .map(awaited -> Optional.<String>empty())
                .orElseGet(() -> Optional.of(unexpected(fromNode, vm, epoch)));
    }

    /** Said again after the guest was let run here, it is as true as before. */
    @Override
    public Optional<String> left(String fromNode, UUID vm, long epoch) {
        if (expected(fromNode, vm, epoch).isEmpty()) {
            return Optional.of(unexpected(fromNode, vm, epoch));
        }
        memory.change(
                vm,
                record -> isExpected(record, fromNode, epoch)
                        ? record.withMove(record.move().heardThatItLeft())
                        : record);
        news.accept(vm);
        return Optional.empty();
    }

    private Optional<VmRecord> expected(String fromNode, UUID vm, long epoch) {
        return memory.recall(vm).known().filter(record -> isExpected(record, fromNode, epoch));
    }

    private static boolean isExpected(VmRecord record, String fromNode, long epoch) {
        Arrival arrival = record.move().arrival();
        return !record.erased()
                && arrival != null
                && arrival.epoch() == epoch
                && arrival.nodeName().equals(fromNode);
    }

    private static String unexpected(String fromNode, UUID vm, long epoch) {
        return "no guest of VM " + vm + " is awaited from node " + fromNode + " as epoch " + epoch;
    }
}
