package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.host.FileFingerprint;
import io.trustedlaunch.api.VMIncarnationSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a start is made from, as far as a glance tells. Where it is not what a refused start found, somebody has mended
 * something.
 *
 * @param home the VM's guest state, version by version
 * @param location the folder that all lies in, and how large its file system is
 */
record StartFingerprint(List<String> home, String location) {
    private static final String GUEST_STATE = "guest-state-";

    private static final int MOST_VERSIONS = 100;

    static StartFingerprint at(VMIncarnationSpec spec, UUID vm) {
        try {
            Path location = Path.of(spec.machine().location().path());
            return new StartFingerprint(home(new VmFolder(location, vm).path()), FileFingerprint.atLocation(location));
        } catch (InvalidPathException e) {
            // The start itself says so; it is no other until the spec is.
            return new StartFingerprint(List.of(), "");
        }
    }

    private static List<String> home(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(GUEST_STATE))
                    .limit(MOST_VERSIONS)
                    .map(file -> file.getFileName() + " " + FileFingerprint.atFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
