package io.trustedlaunch.cli.plugin.download;

import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.session.AgentConnection;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.download.DownloadReader;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.function.IntConsumer;

/** Receives a disk, or a part of one, from the agent that the operator has chosen. */
public final class DiskDownload {
    /** The time for the TLS handshake, and for the agent to open the backup. */
    private static final Duration OPEN_TIMEOUT = Duration.ofMinutes(2);

    /** Longer than an agent waits for its storage. */
    private static final Duration SILENCE = Duration.ofMinutes(15);

    /** The agent may see the VMBackupDownload later than the user. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(300);

    private static final Duration RETRY_LIMIT = Duration.ofSeconds(30);

    private final String session;
    private final AgentConnection.Target target;
    private final SessionKey key;
    private final DownloadRequest request;
    private final IntConsumer progress;

    /**
     * @param session UID of the VMBackupDownload
     * @param progress gets how many percent have come
     */
    public DiskDownload(
            String session,
            AgentConnection.Target target,
            SessionKey key,
            DownloadRequest request,
            IntConsumer progress) {
        this.session = session;
        this.target = target;
        this.key = key;
        this.request = request;
        this.progress = progress;
    }

    /**
     * Publishes the file once all is in it.
     *
     * @return the bytes of the disk, or of the part
     * @throws CommandException if the agent cannot be reached, says that it sends no more, or sends what was not asked for
     * @throws IOException if the file cannot be written
     */
    public long into(DiskFile file) throws IOException, InterruptedException {
        try (Stream stream = begin()) {
            long bytes = stream.receiver().receive(file);
            file.publish(bytes);
            return bytes;
        }
    }

    private Stream begin() throws InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            try {
                return open();
            } catch (IOException e) {
                if (System.nanoTime() - begin > RETRY_LIMIT.toNanos()) {
                    throw new CommandException("cannot connect to the agent of node " + target.nodeName() + " ("
                            + target.address() + ", port " + target.port() + "): " + e.getMessage());
                }
            }
            Thread.sleep(RETRY_INTERVAL);
        }
    }

    private Stream open() throws IOException {
        AgentConnection agent = AgentConnection.open(session, target, key, OPEN_TIMEOUT);
        try {
            request.write(agent.output());
            DownloadReader reader = new DownloadReader(agent.input());
            long disk = reader.begin();
            agent.setPatience(SILENCE);
            return new Stream(agent, new DiskReceiver(reader, request, disk, target.nodeName(), progress));
        } catch (IOException | RuntimeException e) {
            agent.close();
            throw e;
        }
    }

    /** After its begin. */
    private record Stream(AgentConnection agent, DiskReceiver receiver) implements AutoCloseable {
        @Override
        public void close() {
            agent.close();
        }
    }
}
