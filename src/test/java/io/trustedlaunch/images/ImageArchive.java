package io.trustedlaunch.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The archive that {@code bin/images} writes, an OCI layout.
 *
 * @param layout the folder in which it is unpacked
 */
record ImageArchive(Path layout) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param arguments of bin/images */
    static ImageArchive build(Path folder, String... arguments) throws IOException, InterruptedException {
        Path archive = folder.resolve("images.tar");
        Path layout = Files.createDirectories(folder.resolve("layout"));
        Program.plain()
                .run(Stream.concat(
                                Stream.of("bin/images", "--built", "--archive", archive.toString()),
                                Stream.of(arguments))
                        .toArray(String[]::new));
        Program.plain().run("tar", "-C", layout.toString(), "-xf", archive.toString());
        Files.delete(archive);
        return new ImageArchive(layout);
    }

    /** @param name operator or agent */
    String digest(String name) throws IOException {
        for (JsonNode manifest :
                JSON.readTree(layout.resolve("index.json").toFile()).path("manifests")) {
            if (manifest.at("/annotations/org.opencontainers.image.ref.name")
                    .asText()
                    .startsWith("docker.io/library/trusted-launch-" + name + ":")) {
                return manifest.path("digest").asText();
            }
        }
        throw new AssertionError("no image " + name + " in " + layout);
    }

    /** What the image says of itself and of the process that it runs. */
    JsonNode config(String name) throws IOException {
        return JSON.readTree(blob(manifest(name).at("/config/digest").asText()).toFile());
    }

    /** The size of what a node pulls, and then has on its disk. */
    String sizes(String name, Path root) throws IOException, InterruptedException {
        long pulled = 0;
        for (JsonNode layer : manifest(name).path("layers")) {
            pulled += layer.path("size").asLong();
        }
        String unpacked = Program.plain().run("du", "-sm", root.toString()).split("\t")[0];
        return "trusted-launch-" + name + ": " + (pulled >> 20) + " MiB pulled, " + unpacked + " MiB unpacked";
    }

    /** Unpacks the image's root file system. */
    Path unpack(String name, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        for (JsonNode layer : manifest(name).path("layers")) {
            Program.plain()
                    .run(
                            "tar",
                            "-C",
                            folder.toString(),
                            "-xpzf",
                            blob(layer.path("digest").asText()).toString());
        }
        return folder;
    }

    private JsonNode manifest(String name) throws IOException {
        return JSON.readTree(blob(digest(name)).toFile());
    }

    private Path blob(String digest) {
        return layout.resolve("blobs").resolve(digest.replace(':', '/'));
    }
}
