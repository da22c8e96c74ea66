package io.trustedlaunch.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A proxy of a server on localhost, with which a test makes it slow or mute. */
public final class TcpProxy implements AutoCloseable {
    /** What passes. */
    public enum Pace {
        ALL,
        /** A few bytes at a time, in both directions. */
        FEW,
        /** Connections are accepted, and stay. */
        NOTHING
    }

    private static final int FEW_BYTES = 8;
    private static final long BETWEEN_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(20);

    private final int target;
    private final ServerSocket listening;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Pace pace = Pace.ALL;

    /** @param target its port */
    public TcpProxy(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 50, InetAddress.getByName("localhost"));
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    public void set(Pace wanted) {
        lock.lock();
        try {
            pace = wanted;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The most bytes that may pass now. */
    private int most(int wanted) throws InterruptedException {
        lock.lock();
        try {
            while (pace == Pace.NOTHING) {
                changed.await();
            }
            for (long left = BETWEEN_NANOSECONDS; left > 0 && pace == Pace.FEW; ) {
                left = changed.awaitNanos(left);
            }
            return pace == Pace.ALL ? wanted : Math.min(wanted, FEW_BYTES);
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getByName("localhost"), target);
                open.addAll(List.of(client, server));
                Thread.ofVirtual().start(() -> copy(client, server));
                Thread.ofVirtual().start(() -> copy(server, client));
            }
        } catch (IOException e) {
            // Closed, or the server is down.
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            for (int length = from.getInputStream().read(buffer);
                    length >= 0;
                    length = from.getInputStream().read(buffer)) {
                for (int sent = 0; sent < length; ) {
                    int next = most(length - sent);
                    to.getOutputStream().write(buffer, sent, next);
                    sent += next;
                }
            }
        } catch (IOException e) {
            // One end is gone; so is the other now.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
        set(Pace.ALL);
    }
}
