package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.trustedlaunch.backup.CanonicalJson.Reading;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code backup-location.json} in the root of a store: the store's own random ID. A store without it, or with another's, is not the
 * one that was meant: it may be another one, or the empty folder on which nothing is mounted. Nothing is written there, and
 * nothing that is missing there is known to be gone.
 *
 * <p>A person has it made, once. What makes, reads or removes backups never does.
 */
public final class StoreMarker {
    public static final String NAME = "backup-location.json";

    /** It has about sixty. */
    public static final int MAX_BYTES = 1024;

    private static final int FORMAT = 1;

    /**
     * The file.
     *
     * @param id of the store
     */
    @JsonPropertyOrder({"format", "id"})
    record Content(int format, UUID id) {}

    private StoreMarker() {}

    public static byte[] encode(UUID id) {
        return CanonicalJson.encode(new Content(FORMAT, id));
    }

    /**
     * The ID in a marker.
     *
     * @param bytes one more than the limit, if it has more
     * @param store for messages
     * @throws BackupStoreException if it is no marker; the message quotes none of it
     */
    public static UUID decode(byte[] bytes, String store) throws BackupStoreException {
        return switch (CanonicalJson.decode(bytes, Content.class, FORMAT, MAX_BYTES)) {
            case Reading.Read<Content>(Content content)
            when content.format() == FORMAT && content.id() != null -> content.id();
            case Reading.Read<Content> other -> throw unusable(store, "it has no ID, or another format");
            case Reading.Refused<Content>(boolean later, String message) ->
                throw unusable(store, message + (later ? ": upgrade this software" : ""));
        };
    }

    /** @param why a clause in which "it" is the marker */
    public static BackupStoreException unusable(String store, String why) {
        return new BackupStoreException(
                StoreFault.UNMARKED, "the marker of " + store + " (" + NAME + ") cannot be used: " + why);
    }

    /**
     * Returns if the store is the one that is meant.
     *
     * @param found ID of its marker, if it has one
     * @param store for messages
     */
    public static void require(UUID meant, Optional<UUID> found, String store) throws BackupStoreException {
        if (found.isEmpty()) {
            throw new BackupStoreException(
                    StoreFault.UNMARKED,
                    store + " has no marker (" + NAME + "), so it is not known to be store " + meant
                            + "; check what is mounted there, or bucket and prefix");
        }
        if (!found.get().equals(meant)) {
            throw new BackupStoreException(
                    StoreFault.UNMARKED,
                    store + " is store " + found.get() + " by its marker (" + NAME + "), and store " + meant
                            + " is meant; check what is mounted there, or bucket and prefix");
        }
    }
}
