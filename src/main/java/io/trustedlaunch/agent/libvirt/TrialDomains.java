package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.NestingGuest;
import io.trustedlaunch.agent.domain.NestingGuest.Result;
import io.trustedlaunch.agent.domain.TrialDomain;
import io.trustedlaunch.agent.host.HypervisorAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts trial domains, and removes them. libvirt does so if this process dies. */
final class TrialDomains implements HostAcceleration.Trials {
    private static final Logger LOG = LoggerFactory.getLogger(TrialDomains.class);

    private static final int PAUSED = 1;

    /** Removed when this connection ends. */
    private static final int AUTODESTROY = 2;

    /** A busy host takes long; emulated, the guest takes less than a second. */
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final OpenConnection connection;
    private final HypervisorAccount account;
    private final Path folder;

    /** @param folder for the files of test guests, in a folder that QEMU can enter */
    TrialDomains(OpenConnection connection, HypervisorAccount account, Path folder) {
        this.connection = connection;
        this.account = account;
        this.folder = folder;
    }

    @Override
    public boolean starts(Acceleration acceleration) {
        try {
            end(connection.domainCreateXML(TrialDomain.render(UUID.randomUUID(), acceleration), PAUSED | AUTODESTROY));
            return true;
        } catch (LibvirtException e) {
            LOG.info("This host cannot run a guest with {}: {}", acceleration, LibvirtErrors.text(e));
            return false;
        }
    }

    @Override
    public Optional<Result> nests(Acceleration acceleration) {
        return NestingGuest.disk(acceleration).map(content -> {
            Result result = run(acceleration, content);
            LOG.info("The test guest with {}: {}", acceleration, result.meaning());
            return result;
        });
    }

    private Result run(Acceleration acceleration, byte[] content) {
        Path disk = folder.resolve("nesting.raw");
        Path output = folder.resolve("nesting.serial");
        try {
            account.makePassage(folder);
            // An agent that died may have left them.
            Files.deleteIfExists(disk);
            Files.deleteIfExists(output);
            Files.write(disk, content, StandardOpenOption.CREATE_NEW);
            Files.createFile(output);
            account.give(disk);
            account.give(output);
            Domain guest = connection.domainCreateXML(
                    TrialDomain.nesting(UUID.randomUUID(), acceleration, disk, output), AUTODESTROY);
            Result result = await(output);
            end(guest);
            return result;
        } catch (LibvirtException e) {
            LOG.warn("Cannot run the test guest with {}: {}", acceleration, LibvirtErrors.text(e));
            return Result.SILENT;
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("Cannot run the test guest with {}: {}", acceleration, e.toString());
            return Result.SILENT;
        } finally {
            remove(disk);
            remove(output);
        }
    }

    private static Result await(Path output) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            Optional<Byte> first = first(output);
            if (first.isPresent()) {
                return Result.of(first.get());
            }
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Result.SILENT;
            }
        }
        return Result.SILENT;
    }

    /** Only the first byte counts, however much there is. */
    private static Optional<Byte> first(Path output) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(1);
        try (SeekableByteChannel file =
                Files.newByteChannel(output, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return file.read(first) == 1 ? Optional.of(first.get(0)) : Optional.empty();
        }
    }

    private static void end(Domain domain) throws LibvirtException {
        domain.destroy();
        domain.free();
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("Cannot remove {}", file, e);
        }
    }
}
