package io.trustedlaunch.agent.libvirt;

import com.sun.jna.NativeLibrary;
import java.util.List;
import java.util.Objects;

/** libvirt's client library. */
public final class LibvirtLibrary {
    /** Kept: JNA would load one without a reference again, perhaps another by then. */
    private static List<NativeLibrary> loaded = List.of();

    private LibvirtLibrary() {}

    /**
     * Loads all that is ever loaded of it, once, and starts its event loop.
     *
     * @throws UnsatisfiedLinkError if it is not installed; the next call tries again
     */
    public static synchronized void load() {
        if (loaded.isEmpty()) {
            try {
                // Looked for first: a class whose initialization fails once can never be used.
                loaded = List.of(NativeLibrary.getInstance("virt"), NativeLibrary.getInstance("virt-qemu"));
            } catch (UnsatisfiedLinkError e) {
                throw new UnsatisfiedLinkError("libvirt's client library is not installed");
            }
        }
        Objects.requireNonNull(LibvirtNative.INSTANCE);
        LibvirtEventLoop.ensureRunning();
    }
}
