package io.trustedlaunch.agent.fillserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;

import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of what an agent's image has, for servers to run from: the image is gone with the agent's pod, and only that sees it. Each is in
 * a folder that its digest names, and stays until no process uses it any more.
 *
 * @param folder that only the administrator can enter
 */
record FillRuntimeCopies(Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(FillRuntimeCopies.class);
    private static final String NEW = "new-";
    private static final int CHUNK = 1 << 20;

    /** @param own runs from the folder in which its home is, with its classes */
    synchronized FillRuntime copy(FillRuntime own) throws IOException {
        Path image = own.home().getParent();
        Path copy = folder.resolve(digest(image));
        Files.createDirectories(folder);
        if (!Files.isDirectory(copy)) {
            Path made = folder.resolve(NEW + UUID.randomUUID());
            copy(image, made);
            Files.createDirectory(made.resolve("tmp"));
            // Its name says that all of it is there, also after a loss of power.
            for (Path file : files(made)) {
                if (!Files.isSymbolicLink(file)) {
                    DurableFiles.sync(file);
                }
            }
            DurableFiles.publish(made, copy);
        }
        removeOthers(copy);
        Path classes = Path.of(own.classPath());
        return new FillRuntime(
                copy.resolve(image.relativize(own.home())),
                copy.resolve(image.relativize(classes)).toString(),
                copy.resolve("tmp"));
    }

    private static List<Path> files(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.sorted().toList();
        }
    }

    private static String digest(Path image) throws IOException {
        Sha256 digest = new Sha256();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        for (Path file : files(image)) {
            digest.update(ByteBuffer.wrap((image.relativize(file) + "\0").getBytes(UTF_8)));
            if (Files.isRegularFile(file, NOFOLLOW_LINKS)) {
                digest.update(ByteBuffer.wrap((Files.size(file) + "\0").getBytes(UTF_8)));
                try (FileChannel content = FileChannel.open(file)) {
                    while (content.read(chunk.clear()) >= 0) {
                        digest.update(chunk.flip());
                    }
                }
            }
        }
        return digest.hex();
    }

    private static void copy(Path image, Path to) throws IOException {
        for (Path file : files(image)) {
            Path target = to.resolve(image.relativize(file).toString());
            if (Files.isDirectory(file, NOFOLLOW_LINKS)) {
                Files.createDirectory(target);
            } else {
                Files.copy(file, target, COPY_ATTRIBUTES, NOFOLLOW_LINKS);
            }
        }
    }

    private void removeOthers(Path copy) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            for (Path other : all.filter(one -> !one.equals(copy)).toList()) {
                if (!isUsed(other)) {
                    LOG.info("{} is removed: no server of an earlier version runs from it any more", other);
                    FileTree.of(other).delete();
                }
            }
        }
    }

    private static boolean isUsed(Path copy) {
        return ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().commandLine().orElse("").contains(copy.toString()));
    }
}
