package io.trustedlaunch.agent.hypervisor;

/** The serial console of a running guest, for one at a time. Reading and writing are for one thread each. */
public interface GuestConsole extends AutoCloseable {
    /** What {@link #read} returns at the end. */
    int ENDED = -1;

    /**
     * Waits for the guest to write.
     *
     * @return how much it was; {@link #ENDED} where the console has gone, was taken by somebody else, or was closed
     */
    int read(byte[] buffer) throws InterruptedException;

    /**
     * Types the first {@code length} bytes. That it returns does not say that the guest has read them.
     *
     * @return false where the console has ended
     */
    boolean write(byte[] bytes, int length) throws InterruptedException;

    /** Whoever reads or writes comes back soon. */
    @Override
    void close();
}
