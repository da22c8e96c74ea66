package io.trustedlaunch.protocol;

import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The content of some folders, as a snapshot of a disk has it. */
record Snapshot(List<Path> roots, List<Path> folders, Map<Path, byte[]> files) {
    static Snapshot of(Path... roots) throws IOException {
        List<Path> folders = new ArrayList<>();
        Map<Path, byte[]> files = new LinkedHashMap<>();
        for (Path root : roots) {
            if (Files.exists(root)) {
                try (Stream<Path> all = Files.walk(root)) {
                    for (Path path : all.toList()) {
                        if (Files.isDirectory(path)) {
                            folders.add(path);
                        } else {
                            files.put(path, Files.readAllBytes(path));
                        }
                    }
                }
            }
        }
        return new Snapshot(List.of(roots), folders, files);
    }

    void restore() {
        try {
            rewrite();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void rewrite() throws IOException {
        for (Path root : roots) {
            if (Files.exists(root)) {
                FileTree.of(root).delete();
            }
        }
        for (Path folder : folders) {
            Files.createDirectories(folder);
        }
        for (Map.Entry<Path, byte[]> file : files.entrySet()) {
            Files.write(file.getKey(), file.getValue());
        }
    }
}
