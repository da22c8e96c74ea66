package io.trustedlaunch.agent.nbd;

/** What a server can tell of each piece of a disk. See "Metadata querying" in the protocol, and QEMU's docs/interop/nbd.txt. */
public final class NbdContext {
    /** Whether a piece is allocated, and whether it is zero. */
    public static final String ALLOCATION = "base:allocation";

    /** Of {@link #ALLOCATION}: it reads as zeros. */
    public static final int ZERO = 1 << 1;

    /** Of {@link #dirtyBitmap}: it was written since the bitmap was made. */
    public static final int DIRTY = 1;

    private NbdContext() {}

    /** What a bitmap of QEMU's says. */
    public static String dirtyBitmap(String name) {
        return "qemu:dirty-bitmap:" + name;
    }
}
