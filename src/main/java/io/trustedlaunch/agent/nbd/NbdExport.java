package io.trustedlaunch.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that {@link NbdServer} serves, for reading. Several connections may use it at once. */
public interface NbdExport {
    long bytes();

    /** How many bytes from an offset on are zero without a look at them: at most the length; 0 where it is not known. */
    long zeros(long offset, long length) throws IOException;

    /** Fills all that remains of the buffer; only those are not served that it throws for. */
    void read(long offset, ByteBuffer into) throws IOException;
}
