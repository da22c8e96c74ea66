package io.trustedlaunch.agent.fillserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The Java and the classes of a server.
 *
 * @param home of Java
 * @param temporary a folder that libraries can be loaded from
 */
record FillRuntime(Path home, String classPath, Path temporary) {
    /** The C library of the agent's image, beside Java. */
    private static final String LIBC = "libc";

    /** Those of this process. */
    static FillRuntime own() {
        return new FillRuntime(
                Path.of(System.getProperty("java.home")),
                System.getProperty("java.class.path"),
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** Java needs the C library that it was built with, and the host may have an earlier one. */
    List<String> java() throws IOException {
        String java = home.resolve("bin/java").toString();
        Path libc = home.resolveSibling(LIBC);
        if (!Files.isDirectory(libc)) {
            return List.of(java);
        }
        try (Stream<Path> files = Files.list(libc)) {
            return files.filter(file -> file.getFileName().toString().startsWith("ld-linux"))
                    .findFirst()
                    .map(loader -> List.of(loader.toString(), "--library-path", libc.toString(), java))
                    .orElse(List.of(java));
        }
    }
}
