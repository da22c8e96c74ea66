package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.migration.rpc.MigrationConversation;
import io.trustedlaunch.agent.migration.rpc.RefusalReply;
import io.trustedlaunch.agent.migration.rpc.RpcMessage;
import io.trustedlaunch.agent.migration.rpc.RpcRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects a source's libvirt with this host's. Messages pass whole, and only after they were found to belong to the
 * migration of the guest that is expected; the first that does not ends the connection.
 */
final class RpcRelay {
    private static final Logger LOG = LoggerFactory.getLogger(RpcRelay.class);

    private final String sourceName;
    private final Duplex source;
    private final Duplex libvirt;
    private final MigrationConversation conversation;
    /** Replies of libvirt, and refusals. */
    private final Lock writesToSource = new ReentrantLock();

    private final Lock writesToLibvirt = new ReentrantLock();

    RpcRelay(String sourceName, Duplex source, Duplex libvirt, MigrationConversation conversation) {
        this.sourceName = sourceName;
        this.source = source;
        this.libvirt = libvirt;
        this.conversation = conversation;
    }

    @FunctionalInterface
    private interface Check {
        void require(RpcMessage message) throws RpcRefusedException;
    }

    /** Returns when both connections are closed. */
    void run() throws InterruptedException {
        Thread back = Thread.ofVirtual().start(() -> copy(libvirt, source, conversation::requireReply));
        copy(source, libvirt, this::requireCall);
        back.join();
        close();
    }

    private void copy(Duplex from, Duplex to, Check check) {
        try {
            InputStream stream = from.stream();
            for (Optional<RpcMessage> next = RpcMessage.read(stream);
                    next.isPresent();
                    next = RpcMessage.read(stream)) {
                check.require(next.get());
                send(to, next.get());
            }
            to.endOutput();
        } catch (RpcRefusedException e) {
            LOG.warn("Closed the connection of node {} to libvirt: {}", sourceName, e.getMessage());
            close();
        } catch (IOException e) {
            LOG.debug("A connection to libvirt ended: {}", e.toString());
            close();
        } catch (RuntimeException e) {
            LOG.error("Closed the connection of node {} to libvirt: cannot check a message", sourceName, e);
            close();
        }
    }

    private void requireCall(RpcMessage message) throws RpcRefusedException {
        try {
            conversation.require(message);
        } catch (RpcRefusedException e) {
            RefusalReply.to(message, "the target node refused the migration: " + e.getMessage())
                    .ifPresent(this::reply);
            throw e;
        }
    }

    private void reply(RpcMessage refusal) {
        try {
            send(source, refusal);
        } catch (IOException e) {
            LOG.debug("Cannot tell node {} why its call was refused: {}", sourceName, e.toString());
        }
    }

    private void send(Duplex to, RpcMessage message) throws IOException {
        byte[] bytes = message.bytes();
        Lock lock = to == source ? writesToSource : writesToLibvirt;
        lock.lock();
        try {
            to.write(bytes, bytes.length);
        } finally {
            lock.unlock();
        }
    }

    private void close() {
        for (Duplex connection : new Duplex[] {source, libvirt}) {
            try {
                connection.close();
            } catch (IOException e) {
                LOG.debug("Cannot close a connection: {}", e.toString());
            }
        }
    }
}
