package io.trustedlaunch.agent.hypervisor;

/** A connection to the serial console, or to the screen, of a running guest. For one reading and one writing thread. */
public interface GuestConsole extends AutoCloseable {
    /** Returned by {@link #read} at the end. */
    int ENDED = -1;

    /**
     * Waits for output of the guest, or of what draws its screen.
     *
     * @return the number of bytes; {@link #ENDED} if the console is gone, was taken over by another client, or was closed
     */
    int read(byte[] buffer) throws InterruptedException;

    /**
     * Sends the first {@code length} bytes as input. The guest may not have read them yet on return.
     *
     * @return false if the console has ended
     */
    boolean write(byte[] bytes, int length) throws InterruptedException;

    /** Makes waiting reads and writes return soon. */
    @Override
    void close();
}
