package io.trustedlaunch.agent.domain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * A guest without operating system that runs a guest of its own, and prints one letter. Its source is {@code
 * src/main/boot/nested-amd.S}.
 */
public final class NestingGuest {
    /** SeaBIOS does not boot from a disk of one sector. */
    private static final int DISK_BYTES = 1 << 20;

    private static final String SECTOR = "nested-amd.bin";

    private NestingGuest() {}

    /** The disk of the guest; empty if there is none for that acceleration: for Intel, nobody could try one yet. */
    public static Optional<byte[]> disk(Acceleration acceleration) {
        return acceleration == Acceleration.KVM_NESTED_INTEL ? Optional.empty() : Optional.of(ofAmd());
    }

    private static byte[] ofAmd() {
        byte[] disk = new byte[DISK_BYTES];
        try (InputStream sector = NestingGuest.class.getResourceAsStream(SECTOR)) {
            if (sector.readNBytes(disk, 0, disk.length) == 0) {
                throw new IllegalStateException(SECTOR + " is empty");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    /** What it has proved. */
    public enum Result {
        /** Its guest ran. */
        RAN('N', "it ran a guest of its own"),
        OTHER_EXIT('?', "its own guest ended in another way than it should"),
        NO_FEATURE('x', "its processor has no SVM, or no nested paging"),
        DISABLED('d', "SVM is disabled in its processor"),
        /** Another letter, or none in time. */
        SILENT('\0', "it did not report in time");

        private final char letter;
        private final String meaning;

        Result(char letter, String meaning) {
            this.letter = letter;
            this.meaning = meaning;
        }

        /** @param printed the first that it has printed */
        public static Result of(byte printed) {
            for (Result result : values()) {
                if (result.letter == printed) {
                    return result;
                }
            }
            return SILENT;
        }

        /** The end of a sentence about the test guest. */
        public String meaning() {
            return meaning;
        }
    }
}
