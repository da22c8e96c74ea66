package io.trustedlaunch.agent.hypervisor;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The use of a domain since it was created on this host. Values that QEMU does not answer at once are missing.
 *
 * @param running executing instructions now
 * @param processorTime of the domain's processes
 * @param memoryBytes that the guest has
 * @param residentBytes of the host's memory that the domain's process occupies
 */
@RecordBuilder
public record GuestStatistics(
        UUID vm,
        boolean running,
        VtpmState vtpm,
        Duration processorTime,
        OptionalLong memoryBytes,
        OptionalLong residentBytes,
        List<Disk> disks,
        List<Card> cards) {

    public GuestStatistics {
        disks = List.copyOf(disks);
        cards = List.copyOf(cards);
    }

    /**
     * @param device as the guest has it, such as vda
     * @param flushes which carry no bytes
     */
    public record Disk(String device, Transfers reads, Transfers writes, Transfers flushes) {}

    /**
     * Requests of a guest that have ended.
     *
     * @param time from request to end, of all together; requests overlap
     */
    public record Transfers(long requests, long bytes, Duration time) {}

    /** A network card; they are in the order of the domain's spec. */
    public record Card(long receivedBytes, long sentBytes) {}
}
