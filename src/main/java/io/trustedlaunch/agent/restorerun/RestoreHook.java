package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.incarnation.IncarnationHook;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Nothing starts from a folder that has files of a restore which are not all in their places. */
public record RestoreHook() implements IncarnationHook {
    @Override
    public Optional<Problem> startObstacle(VmFolder folder) {
        return isUnfinished(folder)
                ? Optional.of(new Problem(
                        Reason.RestoreUnfinished,
                        "the VM's folder " + folder.path() + " has files of a backup that are not all in their places:"
                                + " nothing is started from it until its restore is complete"))
                : Optional.empty();
    }

    private static boolean isUnfinished(VmFolder folder) {
        if (!Files.isDirectory(folder.path(), LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.anyMatch(file -> VmFolder.restoredBy(file).isPresent());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder.path(), e);
        }
    }
}
