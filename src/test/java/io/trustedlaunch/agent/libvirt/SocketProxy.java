package io.trustedlaunch.agent.libvirt;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A proxy of libvirtd's socket, with which a test simulates outages of libvirtd. */
public final class SocketProxy implements AutoCloseable {
    private final Path socket;
    private final Path target;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition talk = lock.newCondition();
    private boolean silent;
    private volatile ServerSocketChannel server;

    public SocketProxy(Path socket, Path target) throws IOException {
        this.socket = socket;
        this.target = target;
        start();
    }

    public void start() throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
        server = listening;
        Thread.ofVirtual().start(() -> accept(listening));
    }

    /** As if libvirtd was killed: connections break, and new ones are refused. */
    public void kill() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
        for (SocketChannel channel : open) {
            channel.close();
        }
        open.clear();
    }

    /** As if libvirtd was stopped with SIGSTOP: connections stay, without responses. */
    void setSilent(boolean silent) {
        lock.lock();
        try {
            this.silent = silent;
            talk.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitTalk() {
        lock.lock();
        try {
            while (silent) {
                talk.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void accept(ServerSocketChannel listening) {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                SocketChannel libvirtd = SocketChannel.open(UnixDomainSocketAddress.of(target));
                open.addAll(List.of(client, libvirtd));
                Thread.ofVirtual().start(() -> copy(client, libvirtd));
                Thread.ofVirtual().start(() -> copy(libvirtd, client));
            }
        } catch (IOException e) {
            // Killed.
        }
    }

    private void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                awaitTalk();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // One end is gone; so is the other now.
        }
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
