package io.trustedlaunch.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Messages about files that cannot be used: the JDK's often consist of the path alone. */
public final class FileErrors {
    private FileErrors() {}

    /** @param verb read, list or write */
    public static String message(String verb, Path file, IOException fault) {
        String reason = switch (fault) {
            case NoSuchFileException missing -> "no such file or directory";
            case NotDirectoryException notFolder -> "not a directory";
            case AccessDeniedException denied -> "permission denied";
            default -> fault.getMessage();
        };
        return "cannot " + verb + " " + file + ": " + reason;
    }

    public static String exists(Path file) {
        return file + " already exists and is not overwritten: delete it, or name another file";
    }
}
