package io.trustedlaunch.gueststate;

import java.io.IOException;
import java.util.List;

/** Reads the files in a VM's folder. */
public interface HomeReader {
    /** The names of all files; none if the folder does not exist. */
    List<String> list() throws IOException;

    /** The content of a file, at most {@code limit} bytes of it. */
    byte[] read(String name, int limit) throws IOException;
}
