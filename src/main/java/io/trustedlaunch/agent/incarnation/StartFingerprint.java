package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.FileFingerprint;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A cheap fingerprint of what a start is made from. If it differs from that of a refused start, something was repaired.
 *
 * @param home one entry for each guest state of the VM
 * @param location the storage location, and the size of its file system
 */
record StartFingerprint(List<String> home, String location) {
    private static final String GUEST_STATE = "guest-state-";

    private static final int MAX_VERSIONS = 100;

    static StartFingerprint at(VMIncarnationSpec spec, UUID vm) {
        try {
            Path location = Path.of(spec.machineNow().location().path());
            return new StartFingerprint(home(new VmFolder(location, vm).path()), FileFingerprint.atLocation(location));
        } catch (InvalidPathException e) {
            // The start reports it; nothing changes until the spec does.
            return new StartFingerprint(List.of(), "");
        }
    }

    private static List<String> home(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(GUEST_STATE))
                    .limit(MAX_VERSIONS)
                    .map(file -> file.getFileName() + " " + FileFingerprint.atFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
