package io.trustedlaunch.agent.libvirt;

import com.sun.jna.NativeLibrary;
import java.util.Objects;

/** libvirt's client library. */
public final class LibvirtLibrary {
    private static final String NAME = "virt";

    private LibvirtLibrary() {}

    /**
     * Loads it, for good.
     *
     * @throws UnsatisfiedLinkError if it is not installed; the next call tries again
     */
    public static void load() {
        // Looked for first: a class whose initialization fails once can never be used.
        try {
            NativeLibrary.getInstance(NAME);
        } catch (UnsatisfiedLinkError e) {
            throw new UnsatisfiedLinkError("libvirt's client library is not installed");
        }
        Objects.requireNonNull(LibvirtNative.INSTANCE);
        Objects.requireNonNull(org.libvirt.jna.Libvirt.INSTANCE);
    }
}
