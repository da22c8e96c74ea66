package io.trustedlaunch.backup;

import io.trustedlaunch.backup.CanonicalJson.Reading;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.KeyWrappedMessage;
import io.trustedlaunch.custody.Unsealing;
import java.security.SecureRandom;

/** {@code description.sealed}: a {@link BackupDescription} in CMS under a key of the VM's, as guest states are. */
public final class SealedDescription {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;

    public static final int MAX_BYTES = MAX_DOCUMENT_BYTES + KeyWrappedMessage.OVERHEAD_BYTES;

    private SealedDescription() {}

    /** The result of opening a file. */
    public sealed interface Opening {
        /** The description of this index's backup, with all its files. */
        record Opened(BackupDescription description) implements Opening {}

        /** @param message a clause in which "it" is the description; quotes none of its content */
        record Refused(BackupFault fault, String message) implements Opening {}
    }

    /** @throws IllegalArgumentException if the key is another VM's */
    public static byte[] seal(BackupDescription description, BackupDescriptionKey key, SecureRandom random) {
        if (!description.vm().equals(key.vm())) {
            throw new IllegalArgumentException(
                    "a description of VM " + description.vm() + " cannot be sealed under " + key);
        }
        return KeyWrappedMessage.seal(CanonicalJson.encode(description), key, random);
    }

    /** Never throws because of the bytes. The index's own digest is compared by the caller. */
    public static Opening open(byte[] file, BackupIndex index, BackupDescriptionKey key) {
        if (file.length > MAX_BYTES) {
            return new Opening.Refused(
                    BackupFault.DESCRIPTION_NOT_OPENED, "it has more than " + MAX_BYTES + " bytes, the limit");
        }
        return switch (KeyWrappedMessage.open(file, key)) {
            case Unsealing.Refused refused ->
                new Opening.Refused(BackupFault.DESCRIPTION_NOT_OPENED, refused.message());
            case Unsealing.Unsealed unsealed -> read(unsealed.content(), index);
        };
    }

    private static Opening read(byte[] content, BackupIndex index) {
        return switch (CanonicalJson.decode(
                content, BackupDescription.class, BackupDescription.FORMAT, MAX_DOCUMENT_BYTES)) {
            case Reading.Refused<BackupDescription>(boolean later, String message) ->
                new Opening.Refused(
                        later ? BackupFault.UNSUPPORTED_FORMAT : BackupFault.DESCRIPTION_MALFORMED, message);
            case Reading.Read<BackupDescription>(BackupDescription description) -> matched(description, index);
        };
    }

    private static Opening matched(BackupDescription description, BackupIndex index) {
        if (!description.contentSHA256().equals(index.content().sha256())) {
            return new Opening.Refused(
                    BackupFault.DESCRIPTION_OF_OTHER_FILES, "it describes other files than its index lists");
        }
        boolean consistent = description.vm().equals(index.vm())
                && index.neededPacks()
                        .toList()
                        .containsAll(description.disks().stream()
                                .map(disk -> disk.map().pack())
                                .toList());
        return consistent
                ? new Opening.Opened(description)
                : new Opening.Refused(
                        BackupFault.DESCRIPTION_MALFORMED, "it contradicts the index that it was made with");
    }
}
