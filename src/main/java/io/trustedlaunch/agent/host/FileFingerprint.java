package io.trustedlaunch.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** File metadata read without opening files: inodes, sizes, times, modes. Empty if nothing is there. */
public final class FileFingerprint {
    /** A replaced file has another inode; times have nanoseconds. */
    private static final String OF_A_FILE = "unix:ino,size,lastModifiedTime,ctime";

    /** No times: those of a folder change with every file created in it. */
    private static final String OF_A_FOLDER = "unix:dev,ino,mode,uid,gid";

    private FileFingerprint() {}

    public static String atFile(Path file) {
        return at(file, OF_A_FILE);
    }

    /** The fingerprint of a storage location, with the size of its file system. */
    public static String atLocation(Path location) {
        return at(location, OF_A_FOLDER) + " " + location.toFile().getTotalSpace();
    }

    private static String at(Path path, String attributes) {
        try {
            Map<String, Object> found = Files.readAttributes(path, attributes, LinkOption.NOFOLLOW_LINKS);
            return new TreeMap<>(found).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
