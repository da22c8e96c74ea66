package io.trustedlaunch.testkit;

import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/** Disk images: the proof guest's, built by {@code bin/proof-guest} and cached by it, and one of nothing. */
public final class ProofImages {
    private static final int BLANK_BYTES = 3 << 20;
    private static final int SIGNATURE = 510;
    private static final int FIRST_CONTENT = 1 << 20;

    private final Path file;
    private final String sha256;

    private ProofImages(Path file) {
        this.file = file;
        this.sha256 = Sha256.of(bytes());
    }

    /** The one whose boot chain Microsoft and Debian signed. */
    public static ProofImages signed() {
        return Signed.IMAGE;
    }

    /** A disk on which the firmware finds nothing to start. */
    public static ProofImages blank() {
        return Blank.IMAGE;
    }

    private static ProofImages makeSigned() {
        Path folder = Path.of("target/proof-guest");
        Lab.Ended.run(List.of("bin/proof-guest", folder.toString())).orFail();
        return new ProofImages(folder.resolve("proof-guest.qcow2"));
    }

    private static ProofImages makeBlank() {
        byte[] disk = new byte[BLANK_BYTES];
        // Not zeros to its end, which would be but a hole: what has come of it is to be seen.
        Arrays.fill(disk, FIRST_CONTENT, BLANK_BYTES, (byte) 1);
        // What says of a raw disk that it is one.
        disk[SIGNATURE] = 0x55;
        disk[SIGNATURE + 1] = (byte) 0xAA;
        try {
            Path folder = Files.createTempDirectory("blank");
            Path file = Files.write(folder.resolve("blank.raw"), disk);
            // The last that is named goes first.
            folder.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return new ProofImages(file);
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

    /** Puts the image into the lab's shared folder; returns its path relative to that folder. */
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

    /** Made and hashed once, by whoever asks first. */
    private static final class Signed {
        private static final ProofImages IMAGE = makeSigned();
    }

    private static final class Blank {
        private static final ProofImages IMAGE = makeBlank();
    }
}
