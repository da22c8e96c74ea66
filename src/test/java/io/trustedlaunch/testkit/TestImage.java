package io.trustedlaunch.testkit;

import io.trustedlaunch.agent.seed.Xorriso;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/** A disk image: the proof guest's, built and cached by {@code bin/proof-guest}, or a blank one. */
public final class TestImage {
    private static final int BLANK_BYTES = 3 << 20;
    private static final int SIGNATURE = 510;
    private static final int FIRST_CONTENT = 1 << 20;

    private final Path file;
    private final String sha256;

    private TestImage(Path file) {
        this.file = file;
        this.sha256 = Sha256.of(bytes());
    }

    /** The proof guest's, with a boot chain signed by Microsoft and Debian. */
    public static TestImage signed() {
        return Signed.IMAGE;
    }

    /** The same with a kernel that has drivers for AHCI, too. */
    public static TestImage generic() {
        return Generic.IMAGE;
    }

    /** A disc with the same boot chain, which writes the proof guest's disk onto an empty one. */
    public static TestImage installer() {
        Path folder = Path.of("target/proof-guest");
        Lab.CommandResult.run(List.of("bin/proof-guest", "--installer", folder.toString()))
                .orFail();
        return new TestImage(folder.resolve("proof-installer.iso"));
    }

    /** A disc with a file "word", which contains the word. Its file system is the host's xorriso's. */
    public static TestImage disc(String word) {
        try {
            Path folder = Files.createTempDirectory("disc");
            Path files = Files.createDirectory(folder.resolve("files"));
            Files.writeString(files.resolve("word"), word + "\n");
            Path image = folder.resolve("disc-" + word + ".iso");
            new Xorriso().write("disc", files, image);
            List.of(folder, files, files.resolve("word"), image)
                    .forEach(file -> file.toFile().deleteOnExit());
            return new TestImage(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A disk on which the firmware finds nothing to boot. */
    public static TestImage blank() {
        return Blank.IMAGE;
    }

    private static TestImage makeGeneric() {
        Path folder = Path.of("target/proof-guest");
        Lab.CommandResult.run(List.of("bin/proof-guest", "--generic", folder.toString()))
                .orFail();
        return new TestImage(folder.resolve("proof-guest-generic.qcow2"));
    }

    private static TestImage makeSigned() {
        Path folder = Path.of("target/proof-guest");
        Lab.CommandResult.run(List.of("bin/proof-guest", folder.toString())).orFail();
        return new TestImage(folder.resolve("proof-guest.qcow2"));
    }

    private static TestImage makeBlank() {
        byte[] disk = new byte[BLANK_BYTES];
        // Zeros would be stored as a hole, and tests look at how much of the file has arrived.
        Arrays.fill(disk, FIRST_CONTENT, BLANK_BYTES, (byte) 1);
        // The boot sector's signature makes it a valid raw disk.
        disk[SIGNATURE] = 0x55;
        disk[SIGNATURE + 1] = (byte) 0xAA;
        try {
            Path folder = Files.createTempDirectory("blank");
            Path file = Files.write(folder.resolve("blank.raw"), disk);
            // Deletion runs in reverse order.
            folder.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return new TestImage(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String sha256() {
        return sha256;
    }

    public byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies the image into the lab's shared folder and returns its path in that folder. */
    public String installIn(Lab lab) {
        String path = "images/" + file.getFileName();
        Path target = lab.folder().resolve("shared").resolve(path);
        try {
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return path;
    }

    /** Built and hashed once, at first use. */
    private static final class Signed {
        private static final TestImage IMAGE = makeSigned();
    }

    private static final class Generic {
        private static final TestImage IMAGE = makeGeneric();
    }

    private static final class Blank {
        private static final TestImage IMAGE = makeBlank();
    }
}
