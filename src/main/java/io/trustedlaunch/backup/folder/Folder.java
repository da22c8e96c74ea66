package io.trustedlaunch.backup.folder;

import io.trustedlaunch.files.ForeignFileException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.OptionalLong;

/**
 * The operations that a store needs on an open folder. Each can fail; what was not synced can be lost or torn in a power cut.
 * A missing name is a {@link NoSuchFileException}, one that exists a {@link FileAlreadyExistsException}, each only where it
 * says so below. No name leads out of the folder, and no link is followed: something of another kind than expected is a
 * {@link ForeignFileException}.
 */
interface Folder extends Closeable {
    /** A file that was just created. */
    interface NewFile extends Closeable {
        void write(ByteBuffer bytes) throws IOException;

        /** Returns when the content is on the disk. */
        void sync() throws IOException;
    }

    /** Bytes that can be written in its file system; empty if that is not known. */
    default OptionalLong room() {
        return OptionalLong.empty();
    }

    /** All names but . and .. */
    List<String> list() throws IOException;

    /** A folder in this one, for its caller to close. Throws if it is missing. */
    Folder open(String name) throws IOException;

    /** Makes a folder for its owner only. Throws if the name exists. */
    void make(String name) throws IOException;

    /** Creates a file that only its owner can read. Throws if the name exists. */
    NewFile create(String name) throws IOException;

    /** A regular file. Throws if it is missing. */
    SeekableByteChannel read(String name) throws IOException;

    /** Gives a file a second name. Throws if that name exists, or the file is missing. */
    void link(String existing, String name) throws IOException;

    /** Gives a file another name, in place of what has it. */
    void rename(String existing, String name) throws IOException;

    /** Removes a file, or a link itself; a missing one is no error. */
    void delete(String name) throws IOException;

    /** Removes an empty folder; a missing one is no error, one with content a {@link DirectoryNotEmptyException}. */
    void deleteFolder(String name) throws IOException;

    /** Returns when names that were added or removed are on the disk. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
