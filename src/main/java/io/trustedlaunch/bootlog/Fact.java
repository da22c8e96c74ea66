package io.trustedlaunch.bootlog;

import java.util.List;

/**
 * What an event says. Everything in a fact is covered by the event's digest, except for each {@code label}: that is what the log says of
 * what it does not hold itself. Labels are for people and never for a rule. Texts are printable and bounded.
 */
public sealed interface Fact {
    /**
     * The end of what the firmware measures before it gives control away, in the PCRs 0 to 7 each.
     *
     * @param error the firmware says that something failed before
     */
    record Separator(boolean error) implements Fact {}

    /** The variable SecureBoot, as the firmware found it when it started. */
    record SecureBootVariable(boolean enabled) implements Fact {}

    /**
     * PK, KEK, db or dbx, as the firmware found it when it started.
     *
     * @param certificates SHA-256 of each X.509 certificate, in order
     * @param hashes how many other signatures it has: SHA-256 of images in dbx
     */
    record SignatureDatabase(String name, List<String> certificates, int hashes) implements Fact {
        public SignatureDatabase {
            certificates = List.copyOf(certificates);
        }
    }

    /**
     * What verified an image that was started.
     *
     * @param variable where it was found: db for the firmware; MokListRT, Shim or others for shim
     * @param sha256 of the X.509 certificate; of the image where its own hash was found
     */
    record Authority(String variable, String sha256) implements Fact {}

    /** The revocations that shim applies, by the date of their publication: 2025021800. */
    record SbatLevel(String date) implements Fact {}

    /**
     * Another variable of PCR 7. MokSBState, with a value of 01, turns the verification by shim off.
     *
     * @param sha256 of its value
     */
    record Variable(String name, String sha256) implements Fact {}

    /**
     * A boot option: an EFI_LOAD_OPTION.
     *
     * @param label the variable that holds it
     */
    record BootOption(String label, String description, String path) implements Fact {}

    /**
     * A text that was measured itself: an action of the firmware, a version, or what GRUB executes.
     *
     * @param label grub_cmd, kernel_cmdline or module_cmdline, which GRUB does not measure; empty otherwise
     */
    record Text(String text, String label) implements Fact {}

    /**
     * Something that is not in the log was measured: a program (its PE hash, without signatures), a file, a table.
     *
     * @param sha256 its digest
     * @param label its path or name, if the log says one
     */
    record Measured(String sha256, String label) implements Fact {}

    /** Nothing was measured: EV_NO_ACTION. */
    record Nothing() implements Fact {}
}
