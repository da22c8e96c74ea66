package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.gueststate.HomeReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;

/**
 * What is done with the files of one folder, no more than a home needs. Each call can fail; what was not synced can be
 * lost or torn in a crash.
 */
public interface HomeFiles extends HomeReader {
    /** Makes a new file that only its owner reads; {@link FileAlreadyExistsException} where there is one. */
    void write(String name, byte[] content) throws IOException;

    /** Returns when the content is on the disk. */
    void sync(String name) throws IOException;

    /** Gives a file another name beside its own; {@link FileAlreadyExistsException} where that is taken. */
    void link(String existing, String name) throws IOException;

    /** Nothing is success. */
    void delete(String name) throws IOException;

    /** Returns when names that were given or taken are on the disk. */
    void syncFolder() throws IOException;
}
