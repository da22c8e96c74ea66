package io.trustedlaunch.agent.nbd;

/**
 * A piece of a disk, as one context describes it.
 *
 * @param offset in bytes
 * @param length in bytes, more than 0
 * @param flags what the context says of it: {@link NbdContext}
 */
public record NbdExtent(long offset, long length, int flags) {
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public long end() {
        return offset + length;
    }
}
