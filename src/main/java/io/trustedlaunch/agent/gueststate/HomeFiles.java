package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.gueststate.HomeReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;

/**
 * The operations that a home needs on the files of one folder. Each call can fail; data that was not synced can be lost or
 * torn in a crash.
 */
public interface HomeFiles extends HomeReader {
    /** Creates a file that only its owner can read; throws {@link FileAlreadyExistsException} if it exists. */
    void write(String name, byte[] content) throws IOException;

    /** Returns when the content is on the disk. */
    void sync(String name) throws IOException;

    /** Gives a file a second name; throws {@link FileAlreadyExistsException} if the name exists. */
    void link(String existing, String name) throws IOException;

    /** Gives a file another name, in one step, in place of the file that had it. */
    void rename(String existing, String name) throws IOException;

    /** A missing file is no error. */
    void delete(String name) throws IOException;

    /** Returns when names that were added or removed are on the disk. */
    void syncFolder() throws IOException;
}
