package io.trustedlaunch.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a look tells that opens no file: numbers, sizes, times, modes. Empty where nothing is there. */
public final class FileFingerprint {
    /** A version that is replaced has another number; times are to the nanosecond. */
    private static final String OF_A_FILE = "unix:ino,size,lastModifiedTime,ctime";

    /** Times of a folder change with every file that anybody makes in it. */
    private static final String OF_A_FOLDER = "unix:dev,ino,mode,uid,gid";

    private FileFingerprint() {}

    public static String atFile(Path file) {
        return at(file, OF_A_FILE);
    }

    /** At a storage location, and how large its file system is. */
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
