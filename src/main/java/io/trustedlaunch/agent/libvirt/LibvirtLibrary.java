package io.trustedlaunch.agent.libvirt;

import com.sun.jna.NativeLibrary;
import java.util.Objects;

/** libvirt's client library. */
public final class LibvirtLibrary {
    private LibvirtLibrary() {}

    /**
     * Loads all that is ever loaded of it, and starts its event loop.
     *
     * @throws UnsatisfiedLinkError if it is not installed; the next call tries again
     */
    public static void load() {
        try {
            // Looked for first: a class whose initialization fails once can never be used.
            NativeLibrary.getInstance("virt");
            NativeLibrary.getInstance("virt-qemu");
        } catch (UnsatisfiedLinkError e) {
            throw new UnsatisfiedLinkError("libvirt's client library is not installed");
        }
        Objects.requireNonNull(LibvirtNative.INSTANCE);
        LibvirtEventLoop.ensureRunning();
    }
}
