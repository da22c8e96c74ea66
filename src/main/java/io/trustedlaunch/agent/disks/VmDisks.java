package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.imageform.ImageInspector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The disks that are in a VM's folder. */
public record VmDisks(VmFolder folder) {
    public List<Path> all() throws IOException {
        if (!Files.isDirectory(folder.path(), LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder.path())) {
            // To open a pipe that somebody has put there would block.
            return files.filter(VmFolder::isDisk)
                    .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }

    /**
     * Those whose header names a backing file, whichever: they are not whole. Others may still lack what QEMU had in its memory
     * when it ended.
     */
    public List<Path> unfilled() throws IOException {
        List<Path> unfilled = new ArrayList<>();
        for (Path disk : all()) {
            if (ImageInspector.backingOfQcow2(disk).isPresent()) {
                unfilled.add(disk);
            }
        }
        return unfilled;
    }
}
