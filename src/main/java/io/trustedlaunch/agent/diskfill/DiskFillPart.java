package io.trustedlaunch.agent.diskfill;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.fillserver.FillServers;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillStatus;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Assembles what fills disks.
 *
 * @param pause the one with which backups are made
 * @param locations why VM files must not be in a storage location now
 * @param left the fills whose servers an earlier process may have left
 */
@RecordBuilder
public record DiskFillPart(
        String nodeName,
        Hypervisor hypervisor,
        GuestPause pause,
        Function<Path, Optional<Problem>> locations,
        EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> envelopes,
        FillServers servers,
        Supplier<Set<UUID>> left,
        InstantSource clock) {
    /** The fills of which a folder of servers has something. */
    public static Set<UUID> left(Path folder) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.flatMap(file -> uid(file.getFileName().toString()).stream())
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    private static Optional<UUID> uid(String name) {
        try {
            return Optional.of(UUID.fromString(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** When it stops, the servers go on, and the next process takes them over. */
    public OrderQueue<DiskFill> queue(OrderSource source, StatusWriter<DiskFill, DiskFillStatus> writer) {
        return new OrderQueue<>(
                "disk-fill",
                source.of(DiskFill.class),
                fill -> Optional.of(DiskFillOrders.uid(fill)),
                pass(writer),
                Duration.ZERO,
                left);
    }

    OrderPass<DiskFill, DiskFillStatus> pass(StatusWriter<DiskFill, DiskFillStatus> writer) {
        DiskFillOrders.Tools tools = DiskFillOrdersToolsBuilder.builder()
                .nodeName(nodeName)
                .hypervisor(hypervisor)
                .pause(pause)
                .locations(locations)
                .envelopes(envelopes)
                .servers(servers)
                .build();
        return new OrderPass<>(new DiskFillOrders(tools, writer), DiskFillOrders.FAULTS, new Slots(2, 8), clock);
    }
}
