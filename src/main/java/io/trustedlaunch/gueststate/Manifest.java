package io.trustedlaunch.gueststate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/**
 * {@code manifest.json}, which identifies a sealed state.
 *
 * @param format increased when older readers would misread a new form; always read first
 * @param vm the VM's UID
 * @param claimant see {@link GuestState}
 * @param dataDisks identities, see {@link GuestState}
 * @param devices see {@link GuestState}; absent: 0
 * @param ekDigest see {@link GuestState}
 * @param tpmTrail the digests of {@link TpmTrail}
 */
@JsonPropertyOrder({
    "format",
    "vm",
    "epoch",
    "generation",
    "claimant",
    "dataDisks",
    "devices",
    "ekDigest",
    "tpm",
    "uefiVariables",
    "tpmTrail"
})
@RecordBuilder
record Manifest(
        int format,
        UUID vm,
        long epoch,
        long generation,
        Claimant claimant,
        List<String> dataDisks,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long devices,
        String ekDigest,
        FileEntry tpm,
        FileEntry uefiVariables,
        List<String> tpmTrail) {
    static final int FORMAT = 1;
    static final int MAX_BYTES = 16 * 1024;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * @param size in bytes
     * @param sha256 in lower-case hex
     */
    @JsonPropertyOrder({"size", "sha256"})
    record FileEntry(int size, String sha256) {
        static FileEntry of(byte[] file) {
            return new FileEntry(file.length, Sha256.of(file));
        }
    }

    static Manifest of(GuestState state) {
        return ManifestBuilder.builder()
                .format(FORMAT)
                .vm(state.vm())
                .epoch(state.version().epoch())
                .generation(state.version().generation())
                .claimant(state.claimant())
                .dataDisks(
                        state.dataDisks().stream().map(DiskIdentity::toString).toList())
                .devices(state.devices())
                .ekDigest(state.ekDigest())
                .tpm(FileEntry.of(state.tpm()))
                .uefiVariables(FileEntry.of(state.variables()))
                .tpmTrail(state.trail().digests())
                .build();
    }

    byte[] encoded() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** Reads only what {@link #encoded} writes, in any spacing: no field more, less or of another type. */
    static Manifest parse(byte[] json) throws ContentDamagedException {
        JsonNode tree;
        try {
            tree = JSON.readTree(json);
        } catch (IOException e) {
            throw new ContentDamagedException("its manifest is not JSON (" + nameOf(e) + ")");
        }
        JsonNode format = tree.path("format");
        if (format.isInt() && format.intValue() > FORMAT) {
            throw new ContentDamagedException(
                    GuestStateFault.UNSUPPORTED_FORMAT,
                    "it has format " + format.intValue() + ", and this version reads up to " + FORMAT);
        }
        try {
            Manifest manifest = JSON.treeToValue(tree, Manifest.class);
            if (manifest != null
                    && manifest.format == FORMAT
                    && JSON.readTree(manifest.encoded()).equals(tree)) {
                return manifest;
            }
        } catch (IOException e) {
            throw new ContentDamagedException("its manifest cannot be read (" + nameOf(e) + ")");
        }
        throw new ContentDamagedException("its manifest is not in the expected form");
    }

    /** @throws IllegalArgumentException if the trail is malformed */
    TpmTrail trail() {
        return new TpmTrail(tpmTrail);
    }

    /** @throws IllegalArgumentException if no disk has such an identity */
    List<DiskIdentity> disks() {
        return dataDisks.stream().map(DiskIdentity::of).toList();
    }

    GuestStateVersion version() {
        return new GuestStateVersion(epoch, generation);
    }

    /** Not the message, which quotes the input. */
    private static String nameOf(Exception e) {
        return e.getClass().getSimpleName();
    }
}
