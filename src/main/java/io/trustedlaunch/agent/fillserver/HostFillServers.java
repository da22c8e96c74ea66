package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.agent.fillserver.ControlChannel.Reply;
import io.trustedlaunch.agent.fillserver.ControlChannel.Request;
import io.trustedlaunch.agent.fillserver.ControlChannel.Served;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that are processes of this host. Each has a folder, {@code <run>/fill/<fill>}, that QEMU can enter; an agent asks it over a
 * socket there that only root can open.
 *
 * @param folder of all fills, in memory
 * @param runtimes gives what a new server runs from
 * @param clock that nobody sets
 */
public record HostFillServers(Path folder, HypervisorAccount account, RuntimeSource runtimes, InstantSource clock)
        implements FillServers {
    private static final Logger LOG = LoggerFactory.getLogger(HostFillServers.class);

    /** Java starts slowly where the processors are busy; a bucket may answer slowly. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static final Duration LOOK = Duration.ofMillis(100);

    /** Where a new server runs from. */
    @FunctionalInterface
    interface RuntimeSource {
        FillRuntime runtime() throws IOException;
    }

    /**
     * @param own the part of the state folder that only the agent enters
     * @param run the folder in memory; what is in it of Java and the agent is of a pod, and gone with that
     */
    public static HostFillServers onThisHost(Path own, Path run, HypervisorAccount account) {
        FillRuntime runtime = FillRuntime.own();
        FillRuntimeCopies copies = new FillRuntimeCopies(own.resolve("fill-server"));
        return new HostFillServers(
                run.resolve("fill"),
                account,
                runtime.home().startsWith(run) ? () -> copies.copy(runtime) : () -> runtime,
                SteadyClock.system());
    }

    @Override
    public void serve(UUID fill, FillContent content) throws IOException {
        account.makePassage(folder);
        account.makePassage(folder(fill));
        Reply reply;
        try (SocketChannel channel = connected(fill)) {
            Files.setOwner(socket(fill), account.user());
            reply = ask(channel, Optional.of(content));
        }
        if (reply.fault().isPresent()) {
            throw new BackupStoreException(
                    reply.fault().get(), reply.refusal().orElseThrow().message());
        }
        RefusedException.throwIfPresent(reply.refusal());
    }

    private SocketChannel connected(UUID fill) throws IOException {
        try {
            return connect(fill);
        } catch (IOException e) {
            LOG.info("fill {}: a server is started", fill);
        }
        new FillProgram(runtimes.runtime(), !account.user().equals(account.administrator()), FillProgram.hasSystemd())
                .start(fill, folder(fill));
        Instant end = clock.instant().plus(LONGEST);
        while (true) {
            pause();
            try {
                return connect(fill);
            } catch (IOException e) {
                if (clock.instant().isAfter(end)) {
                    throw new IOException("the server of fill " + fill + " does not listen: " + e.getMessage(), e);
                }
            }
        }
    }

    private SocketChannel connect(UUID fill) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(folder(fill).resolve(ControlChannel.SOCKET)));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The JDK has no timeout for such sockets. */
    private static Reply ask(SocketChannel channel, Optional<FillContent> content) throws IOException {
        Thread limit = Thread.ofVirtual().start(() -> closeAfter(channel));
        try (ControlChannel server = new ControlChannel(channel)) {
            server.send(new Request(content.map(HostFillServers::served)));
            if (content.isPresent()) {
                sendSecrets(server, content.get());
            }
            return server.receive(Reply.class);
        } finally {
            limit.interrupt();
        }
    }

    private static void closeAfter(SocketChannel channel) {
        try {
            Thread.sleep(LONGEST);
            channel.close();
        } catch (InterruptedException e) {
            // It was answered.
            return;
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
        }
    }

    private static Served served(FillContent content) {
        return new Served(
                content.location(),
                content.backup().id().vm(),
                content.backup().id().backup(),
                content.backup().indexSHA256(),
                content.bytesPerSecond().isPresent()
                        ? Optional.of(content.bytesPerSecond().getAsLong())
                        : Optional.empty());
    }

    private static void sendSecrets(ControlChannel server, FillContent content) throws IOException {
        byte[] keys = content.keys().encoded();
        try {
            server.send(keys);
            server.send(content.grant());
        } finally {
            Arrays.fill(keys, (byte) 0);
        }
    }

    @Override
    public boolean isServing(UUID fill) {
        return state(fill).filter(Reply::isServing).isPresent();
    }

    @Override
    public Optional<Problem> trouble(UUID fill) {
        return state(fill).flatMap(Reply::trouble);
    }

    private Optional<Reply> state(UUID fill) {
        try {
            return Optional.of(ask(connect(fill), Optional.empty()));
        } catch (IOException e) {
            LOG.debug("fill {}: no server answers: {}", fill, e.getMessage());
            return Optional.empty();
        }
    }

    /** A server ends when its folder is gone. */
    @Override
    public void end(UUID fill) throws IOException {
        try (FileChannel lock = FileChannel.open(folder(fill).resolve(FillServer.LOCK), StandardOpenOption.WRITE)) {
            FileTree.of(folder(fill)).delete();
            Instant end = clock.instant().plus(LONGEST);
            while (lock.tryLock() == null) {
                if (clock.instant().isAfter(end)) {
                    throw new IOException("the server of fill " + fill + " does not end");
                }
                pause();
            }
        } catch (NoSuchFileException e) {
            // No server of it ever had its lock.
            FileTree.of(folder(fill)).delete();
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Path folder(UUID fill) {
        return folder.resolve(fill.toString());
    }

    @Override
    public Path socket(UUID fill) {
        return folder(fill).resolve(FillServer.DISKS);
    }
}
