package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output of guests to their serial consoles on this host, for root only. It is on the host's own disk: root's virtlogd
 * opens the file by its path. A guest's domain names that path, which is therefore the same on all hosts.
 */
public final class ConsoleLogs {
    /** The most that a user is shown of a log. */
    static final int SHOWN = 16 * 1024;

    /** Where virtlogd, which not every host has, begins another file. */
    public static final long LIMIT = 2 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ConsoleLogs.class);

    private final Path folder;
    private final HypervisorAccount account;
    /** How long each log was when its VM was prepared last. */
    private final Map<UUID, Long> begins = new ConcurrentHashMap<>();

    /** @param folder in a folder that the hypervisor can enter */
    public ConsoleLogs(Path folder, HypervisorAccount account) {
        this.folder = folder;
        this.account = account;
    }

    /** One file for all of a VM's incarnations on this host. */
    public Path of(UUID vm) {
        return folder(vm).resolve("console.log");
    }

    /** Makes the log if there is none. What comes from now on is of the next start. */
    public void ensure(UUID vm) {
        Path log = of(vm);
        try {
            account.makePassage(folder);
            account.makePassage(folder(vm));
            if (!Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
                Files.createFile(log);
            }
            account.give(log);
            begins.put(vm, Files.size(log));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + log + ": " + e.getMessage(), e);
        }
    }

    /** The last of what the guest has written since its start, or, if this agent has not prepared it, of what is there. */
    public byte[] recent(UUID vm) {
        try (SeekableByteChannel log =
                Files.newByteChannel(of(vm), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = log.size();
            long begin = begins.getOrDefault(vm, 0L);
            long from = Math.max(begin <= size ? begin : 0, size - SHOWN);
            ByteBuffer recent = ByteBuffer.allocate((int) (size - from));
            log.position(from);
            while (recent.hasRemaining() && log.read(recent) >= 0) {
                // Reads until the buffer is full or the file ends.
            }
            return Arrays.copyOf(recent.array(), recent.position());
        } catch (IOException e) {
            // A user who wants the console gets it without.
            return new byte[0];
        }
    }

    /**
     * Empties the log if it is longer than {@link #LIMIT}: a guest could fill the host's disk. Its writer appends, so that it
     * goes on at the new end.
     */
    public void limit(UUID vm) {
        try (SeekableByteChannel log =
                Files.newByteChannel(of(vm), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            long size = log.size();
            if (size > LIMIT) {
                log.truncate(0);
                begins.remove(vm);
                LOG.warn("VM {}: emptied its console log, which had {} bytes", vm, size);
            }
        } catch (NoSuchFileException e) {
            // An administrator has removed it; the guest's host may still write to it.
            return;
        } catch (IOException e) {
            LOG.warn("VM {}: cannot limit its console log: {}", vm, e.toString());
        }
    }

    /** Removes the log, with what virtlogd has rotated. Succeeds if there is none. */
    public void remove(UUID vm) {
        try {
            FileTree.of(folder(vm)).delete();
            begins.remove(vm);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder(vm), e);
        }
    }

    private Path folder(UUID vm) {
        return folder.resolve(vm.toString());
    }
}
