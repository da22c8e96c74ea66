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

    private volatile boolean refused;

    RpcRelay(String sourceName, Duplex source, Duplex libvirt, MigrationConversation conversation) {
        this.sourceName = sourceName;
        this.source = source;
        this.libvirt = libvirt;
        this.conversation = conversation;
    }

    /** Returns when both connections are closed. */
    void run() throws InterruptedException {
        Thread back = Thread.ofVirtual().start(this::passReplies);
        passCalls();
        back.join();
        close(source);
        close(libvirt);
    }

    private void passCalls() {
        InputStream calls = source.stream();
        try {
            for (Optional<RpcMessage> next = RpcMessage.read(calls); next.isPresent(); next = RpcMessage.read(calls)) {
                if (!pass(next.get(), calls)) {
                    return;
                }
            }
            libvirt.endOutput();
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    /** Returns whether the connection goes on. */
    private boolean pass(RpcMessage call, InputStream calls) throws IOException {
        try {
            conversation.require(call);
        } catch (RpcRefusedException e) {
            refuse(call, e, calls);
            return false;
        }
        byte[] bytes = call.bytes();
        libvirt.write(bytes, bytes.length);
        return true;
    }

    /** Nothing reaches libvirt any more. The source's libvirt gets the reason, and may close its connection in order. */
    private void refuse(RpcMessage call, RpcRefusedException refusal, InputStream calls) throws IOException {
        LOG.warn("Closed the connection of node {} to libvirt: {}", sourceName, refusal.getMessage());
        refused = true;
        close(libvirt);
        Optional<RpcMessage> reply =
                RefusalReply.to(call, "the target node refused the migration: " + refusal.getMessage());
        while (reply.isPresent()) {
            reply(reply.get());
            reply = RpcMessage.read(calls).flatMap(RefusalReply::toClosing);
        }
        close(source);
    }

    private void passReplies() {
        try {
            InputStream replies = libvirt.stream();
            for (Optional<RpcMessage> next = RpcMessage.read(replies);
                    next.isPresent();
                    next = RpcMessage.read(replies)) {
                conversation.requireReply(next.get());
                reply(next.get());
            }
            if (!refused) {
                source.endOutput();
            }
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    private void reply(RpcMessage message) throws IOException {
        byte[] bytes = message.bytes();
        writesToSource.lock();
        try {
            source.write(bytes, bytes.length);
        } finally {
            writesToSource.unlock();
        }
    }

    private void end(Exception reason) {
        if (reason instanceof RpcRefusedException) {
            LOG.warn("Closed the connection of node {} to libvirt: {}", sourceName, reason.getMessage());
        } else if (reason instanceof RuntimeException) {
            LOG.error("Closed the connection of node {} to libvirt: cannot check a message", sourceName, reason);
        } else {
            LOG.debug("A connection of node {} to libvirt ended: {}", sourceName, reason.toString());
        }
        close(libvirt);
        if (!refused) {
            close(source);
        }
    }

    private static void close(Duplex connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("Cannot close a connection: {}", e.toString());
        }
    }
}
