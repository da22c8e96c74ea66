package io.trustedlaunch.gueststate;

import java.io.IOException;
import java.util.List;

/** What there is to read in a VM's folder. */
public interface HomeReader {
    /** The names of all files; none where the folder is not there. */
    List<String> list() throws IOException;

    /** The content of a file, at most {@code limit} bytes of it. */
    byte[] read(String name, int limit) throws IOException;
}
