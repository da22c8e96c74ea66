package io.trustedlaunch.agent.libvirt;

import org.libvirt.Connect;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt.VirErrorCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one event loop of a process: libvirt has it so, and wants it before the first connection. Events and keepalive
 * both need it.
 */
final class LibvirtEventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtEventLoop.class);

    private LibvirtEventLoop() {}

    /** Starts it at the first call; later ones do nothing. */
    static void ensureRunning() {
        Holder.THREAD.isAlive();
    }

    private static final class Holder {
        /** libvirt would print every error on its own account; those that matter come back as exceptions. */
        static final VirErrorCallback SILENT = (data, error) -> {};

        static final Thread THREAD = start();

        private static Thread start() {
            try {
                Connect.setErrorCallback(SILENT);
                Library.initEventLoop();
            } catch (LibvirtException e) {
                throw new IllegalStateException("libvirt's event loop does not start", e);
            }
            return Thread.ofPlatform().daemon().name("libvirt-events").start(Holder::run);
        }

        private static void run() {
            while (true) {
                try {
                    Library.processEvent();
                } catch (LibvirtException e) {
                    LOG.warn("an event of libvirt could not be handled", e);
                }
            }
        }
    }
}
