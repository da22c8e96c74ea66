package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a start is made from, as far as a glance tells that opens no file: numbers, sizes, times, modes. Where it is not
 * what a refused start found, somebody has mended something.
 *
 * @param image the file that the OS disk is copied from
 * @param home the VM's guest state, version by version
 * @param location the folder that all lies in, and how large its file system is
 */
record StartGlance(String image, List<String> home, String location) {
    private static final String GUEST_STATE = "guest-state-";

    /** A version that is replaced has another number; times are to the nanosecond. */
    private static final String OF_A_FILE = "unix:ino,size,lastModifiedTime,ctime";

    /** Times of a folder change with every file that anybody makes in it. */
    private static final String OF_A_FOLDER = "unix:dev,ino,mode,uid,gid";

    private static final int MOST_VERSIONS = 100;

    static StartGlance at(VMIncarnationSpec spec, UUID vm) {
        Machine machine = spec.machine();
        try {
            Path location = Path.of(machine.location().path());
            Path image = Path.of(machine.image().location().path())
                    .resolve(machine.image().path());
            return new StartGlance(
                    glance(image, OF_A_FILE),
                    home(new VmFolder(location, vm).path()),
                    glance(location, OF_A_FOLDER) + " " + location.toFile().getTotalSpace());
        } catch (InvalidPathException e) {
            // The start itself says so; it is no other until the spec is.
            return new StartGlance("", List.of(), "");
        }
    }

    private static List<String> home(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(GUEST_STATE))
                    .limit(MOST_VERSIONS)
                    .map(file -> file.getFileName() + " " + glance(file, OF_A_FILE))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String glance(Path path, String attributes) {
        try {
            Map<String, Object> found = Files.readAttributes(path, attributes, LinkOption.NOFOLLOW_LINKS);
            return new TreeMap<>(found).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
