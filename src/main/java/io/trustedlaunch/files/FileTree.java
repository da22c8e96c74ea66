package io.trustedlaunch.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;

/**
 * A file or folder below a folder. Each step on the way to it is from one open folder into the next: somebody who puts a link
 * in the place of any part of it meanwhile, for example the administrator of the storage, leads nothing out of the folder.
 *
 * @param folder which only this host's administrator can replace; there may be links on the way to it
 * @param path relative to it
 */
public record FileTree(Path folder, Path path) {
    /** All of ours have less; a folder in each takes a file descriptor. */
    private static final int DEEPEST = 16;

    public static FileTree of(Path tree) {
        return new FileTree(tree.toAbsolutePath().getParent(), tree.getFileName());
    }

    /** Removes it with everything in it, and no target of a link. What is missing or removed meanwhile is no error. */
    public void delete() throws IOException {
        try (var open = Files.newDirectoryStream(folder)) {
            if (!(open instanceof SecureDirectoryStream<Path> opened)) {
                throw new IOException("cannot remove " + path + " from " + folder + ": this system has no openat");
            }
            delete(opened, path);
        } catch (NoSuchFileException e) {
            // It is gone.
            return;
        }
    }

    private static void delete(SecureDirectoryStream<Path> in, Path path) throws IOException {
        if (path.getNameCount() == 1) {
            deleteEntry(in, path, 0);
            return;
        }
        try (SecureDirectoryStream<Path> next = in.newDirectoryStream(path.getName(0), NOFOLLOW_LINKS)) {
            delete(next, path.subpath(1, path.getNameCount()));
        }
    }

    private static void deleteEntry(SecureDirectoryStream<Path> in, Path name, int depth) throws IOException {
        try {
            if (isFolder(in, name)) {
                deleteContent(in, name, depth);
                in.deleteDirectory(name);
            } else {
                in.deleteFile(name);
            }
        } catch (NoSuchFileException e) {
            // Somebody else has removed it.
            return;
        }
    }

    private static void deleteContent(SecureDirectoryStream<Path> in, Path name, int depth) throws IOException {
        if (depth == DEEPEST) {
            throw new IOException("folder " + name + " is nested too deeply");
        }
        try (SecureDirectoryStream<Path> opened = in.newDirectoryStream(name, NOFOLLOW_LINKS)) {
            for (Path child : opened) {
                deleteEntry(opened, child.getFileName(), depth + 1);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static boolean isFolder(SecureDirectoryStream<Path> in, Path name) throws IOException {
        return in.getFileAttributeView(name, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory();
    }
}
