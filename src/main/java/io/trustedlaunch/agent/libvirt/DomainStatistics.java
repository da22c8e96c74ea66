package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.GuestStatistics.Card;
import io.trustedlaunch.agent.hypervisor.GuestStatistics.Disk;
import io.trustedlaunch.agent.hypervisor.GuestStatistics.Transfers;
import io.trustedlaunch.agent.hypervisor.GuestStatisticsBuilder;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads libvirt's virDomainStatsRecords: a domain, its parameters, and their number. */
record DomainStatistics(VtpmWatch vtpms) {
    /** VIR_DOMAIN_STATS_STATE, _CPU_TOTAL and _INTERFACE: libvirt does not ask QEMU for them. */
    static final int WITHOUT_QEMU = 1 | 1 << 1 | 1 << 4;

    /** _BALLOON and _BLOCK, too. */
    static final int ALL = WITHOUT_QEMU | 1 << 2 | 1 << 5;

    private static final int UUID_BYTES = 37;
    private static final int BYTES_IN_KIB = 1024;
    private static final DomainState RUNNING = new DomainState.Running();

    GuestStatistics read(Pointer record) {
        Pointer domain = record.getPointer(0);
        TypedParameters parameters =
                new TypedParameters(record.getPointer(Native.POINTER_SIZE), record.getInt(2L * Native.POINTER_SIZE));
        byte[] uuid = new byte[UUID_BYTES];
        LibvirtNative.INSTANCE.virDomainGetUUIDString(domain, uuid);
        UUID vm = UUID.fromString(Native.toString(uuid));
        return GuestStatisticsBuilder.builder()
                .vm(vm)
                .running(DomainStates.of(
                                parameters.integer("state.state").orElse(0),
                                parameters.integer("state.reason").orElse(0))
                        .equals(RUNNING))
                .vtpm(vtpms.of(vm, LibvirtNative.INSTANCE.virDomainGetID(domain)))
                .processorTime(Duration.ofNanos(parameters.number("cpu.time").orElse(0)))
                .memoryBytes(kibibytes(parameters, "balloon.current"))
                .residentBytes(kibibytes(parameters, "balloon.rss"))
                .disks(disks(parameters).toList())
                .cards(cards(parameters).toList())
                .build();
    }

    private static OptionalLong kibibytes(TypedParameters parameters, String name) {
        OptionalLong found = parameters.number(name);
        return found.isPresent() ? OptionalLong.of(found.getAsLong() * BYTES_IN_KIB) : found;
    }

    private static Stream<Disk> disks(TypedParameters parameters) {
        return IntStream.range(0, parameters.size("block.count"))
                .mapToObj(number -> "block." + number)
                .flatMap(disk -> parameters.text(disk + ".name").stream()
                        .map(device -> new Disk(
                                device,
                                transfers(parameters, disk + ".rd"),
                                transfers(parameters, disk + ".wr"),
                                transfers(parameters, disk + ".fl"))));
    }

    private static Transfers transfers(TypedParameters parameters, String kind) {
        return new Transfers(
                parameters.number(kind + ".reqs").orElse(0),
                parameters.number(kind + ".bytes").orElse(0),
                Duration.ofNanos(parameters.number(kind + ".times").orElse(0)));
    }

    private static Stream<Card> cards(TypedParameters parameters) {
        return IntStream.range(0, parameters.size("net.count"))
                .mapToObj(number -> "net." + number)
                .map(card -> new Card(
                        parameters.number(card + ".rx.bytes").orElse(0),
                        parameters.number(card + ".tx.bytes").orElse(0)));
    }
}
