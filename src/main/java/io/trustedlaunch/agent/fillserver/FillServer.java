package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.agent.fillserver.ControlChannel.Reply;
import io.trustedlaunch.agent.fillserver.ControlChannel.Request;
import io.trustedlaunch.agent.fillserver.ControlChannel.Served;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.nbd.NbdServer;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.StoreEnvelope;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the disks of one backup in the folder of a fill, until that folder is gone. Keys are in its memory only: an agent sends them
 * again to one that was started anew.
 */
public final class FillServer implements Closeable {
    static final String LOCK = "lock";
    static final String DISKS = "nbd.sock";

    private static final Logger LOG = LoggerFactory.getLogger(FillServer.class);
    private static final int MOST_KEY_BYTES = 4 << 10;
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(10);

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** For one that ends. */
    private static final int LOCK_ATTEMPTS = 20;

    private final Path folder;
    private final Object identity;
    private final FileChannel lock;
    private final ServedBackup backup;
    private final NbdServer disks;
    private final ServerSocketChannel control;

    private FillServer(Path folder, FileChannel lock, ServedBackup backup) throws IOException {
        this.folder = folder;
        this.identity = identity(folder);
        this.lock = lock;
        this.backup = backup;
        Path socket = folder.resolve(DISKS);
        Files.deleteIfExists(socket);
        this.disks = NbdServer.open(socket, backup::exports);
        // An agent gives it to QEMU.
        Files.setPosixFilePermissions(socket, OWNER_ONLY);
        this.control = listen(folder.resolve(ControlChannel.SOCKET));
    }

    /** Returns when the folder is gone, or is another one. */
    public static void run(Path folder) throws IOException {
        try (FillServer server = open(folder, ServedBackup::opened)) {
            server.await();
        }
    }

    static FillServer open(Path folder, ServedBackup.StoreOpener stores) throws IOException {
        FillServer server = new FillServer(folder, lock(folder), new ServedBackup(stores));
        Thread.ofPlatform().daemon().name("control").start(server::accept);
        Thread.ofPlatform().daemon().name("damage").start(server::recheck);
        return server;
    }

    /** The kernel releases it however the process ends. */
    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(LOCK),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
            if (channel.tryLock() != null) {
                return channel;
            }
            pause(LOOK);
        }
        channel.close();
        throw new IOException("another server has " + folder);
    }

    private static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static ServerSocketChannel listen(Path socket) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, OWNER_ONLY);
        return channel;
    }

    void await() throws IOException {
        while (isThere()) {
            pause(LOOK);
        }
    }

    private void recheck() {
        try {
            while (control.isOpen()) {
                pause(BETWEEN_CHECKS);
                backup.recheck();
            }
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
        }
    }

    private boolean isThere() throws IOException {
        try {
            return identity(folder).equals(identity);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Object identity(Path folder) throws IOException {
        return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    }

    private void accept() {
        while (control.isOpen()) {
            try {
                SocketChannel channel = control.accept();
                Thread.ofPlatform().daemon().name("control-connection").start(() -> answer(channel));
            } catch (IOException e) {
                if (control.isOpen()) {
                    LOG.warn("a connection of an agent was not accepted: {}", e.getMessage());
                    // Out of descriptors, perhaps.
                    LockSupport.parkNanos(LOOK.toNanos());
                }
            }
        }
    }

    private void answer(SocketChannel channel) {
        try (ControlChannel agent = new ControlChannel(channel)) {
            Optional<Served> served = agent.receive(Request.class).served();
            agent.send(served.isPresent() ? use(content(served.get(), agent)) : state());
        } catch (IOException | RuntimeException e) {
            LOG.warn("a connection of an agent has ended: {}", e.getMessage());
        }
    }

    private static FillContent content(Served served, ControlChannel agent) throws IOException {
        byte[] keys = agent.receive(MOST_KEY_BYTES);
        try {
            return new FillContent(
                    served.location(),
                    new BackupRef(new BackupId(served.vm(), served.backup()), served.indexSHA256()),
                    BackupKeys.decode(keys),
                    agent.receive(StoreEnvelope.MAX_GRANT_BYTES),
                    served.bytesPerSecond().map(OptionalLong::of).orElse(OptionalLong.empty()));
        } finally {
            Arrays.fill(keys, (byte) 0);
        }
    }

    private Reply use(FillContent content) {
        try {
            backup.use(content);
            LOG.info("the disks of {} are served", content);
            return state();
        } catch (BackupStoreException e) {
            return refused(content, Optional.of(e), new Problem(Reason.BackupLocationUnavailable, e.getMessage()));
        } catch (RefusedException e) {
            return refused(content, Optional.empty(), new Problem(e.reason(), e.getMessage()));
        } catch (IllegalArgumentException e) {
            return refused(content, Optional.empty(), new Problem(Reason.EnvelopeRefused, e.getMessage()));
        }
    }

    private Reply refused(FillContent content, Optional<BackupStoreException> failure, Problem problem) {
        content.keys().close();
        LOG.warn("the disks of {} are not served: {}", content, problem.message());
        return new Reply(
                backup.isServing(), Optional.of(problem), failure.map(BackupStoreException::fault), backup.trouble());
    }

    private Reply state() {
        return new Reply(backup.isServing(), Optional.empty(), Optional.empty(), backup.trouble());
    }

    @Override
    public void close() throws IOException {
        control.close();
        disks.close();
        lock.close();
    }
}
