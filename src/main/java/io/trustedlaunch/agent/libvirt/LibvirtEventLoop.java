package io.trustedlaunch.agent.libvirt;

import org.libvirt.Connect;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt.VirErrorCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loop of the process. libvirt allows one, and needs it before the first connection, for events and keepalive.
 */
final class LibvirtEventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtEventLoop.class);

    private LibvirtEventLoop() {}

    /** Starts the loop at the first call. */
    static void ensureRunning() {
        Holder.THREAD.isAlive();
    }

    private static final class Holder {
        /** Keeps libvirt from printing errors; they are thrown as exceptions. */
        static final VirErrorCallback SILENT = (data, error) -> {};

        static final Thread THREAD = start();

        private static Thread start() {
            try {
                Connect.setErrorCallback(SILENT);
                Library.initEventLoop();
            } catch (LibvirtException e) {
                throw new IllegalStateException("cannot start libvirt's event loop", e);
            }
            return Thread.ofPlatform().daemon().name("libvirt-events").start(Holder::run);
        }

        private static void run() {
            while (true) {
                try {
                    Library.processEvent();
                } catch (LibvirtException e) {
                    LOG.warn("Cannot handle an event of libvirt", e);
                }
            }
        }
    }
}
