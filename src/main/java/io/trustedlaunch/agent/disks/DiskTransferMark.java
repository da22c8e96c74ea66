package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.folder.VmFolder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Marks a VM's folder while its disks are being copied there in a migration. No VM starts from such a folder, and only
 * such a folder is removed if the guest stays at its source.
 *
 * @param nodeName the node whose agent made the folder
 * @param epoch of the incarnation there
 */
public record DiskTransferMark(String nodeName, long epoch) {
    private static final Pattern NAME = Pattern.compile("\\.copy@([^@]+)@(\\d{1,18})");

    static Optional<DiskTransferMark> of(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? Optional.of(new DiskTransferMark(name.group(1), Long.parseLong(name.group(2))))
                : Optional.empty();
    }

    Path in(VmFolder folder) {
        return folder.path().resolve(".copy@" + nodeName + "@" + epoch);
    }
}
