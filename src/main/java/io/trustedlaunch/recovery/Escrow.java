package io.trustedlaunch.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.custody.Unsealing;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What it takes to bring one VM back: sealed for the recovery key when a life of the VM begins, it lies in the VM's folder
 * from before its guest runs. {@code docs/recovery.md} opens one by hand.
 *
 * @param vm as the user wrote it when that life began: namespace, name, labels, annotations and spec
 * @param record what was known of the VM then; its guest state came later, and is in the folder
 */
public record Escrow(ProtectionKey key, TrustedLaunchVM vm, RetainedVMRecord record) {
    /** More than the largest objects of Kubernetes hold. */
    public static final int MAX_BYTES = 2 * 1024 * 1024;

    /** Raised when a reader of the present one would misread another. */
    private static final int FORMAT = 1;

    /** kubectl's own copy of the manifest, which would not be that of the recovered one. */
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private static final JsonMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            .build();

    /** What came of opening a file. */
    public sealed interface Opening {
        record Opened(Escrow escrow) implements Opening {}

        /** @param message a clause whose subject, "it", is the file; holds nothing of its content */
        record Refused(String message) implements Opening {}
    }

    /** @param format the first thing that is read */
    @JsonPropertyOrder({"format", "protectionKey", "vm", "record"})
    private record Document(int format, byte[] protectionKey, TrustedLaunchVM vm, RetainedVMRecord record) {}

    /** Keeps of the VM what its user wrote. */
    public Escrow {
        Objects.requireNonNull(record, "record");
        vm = asWritten(vm);
    }

    private static TrustedLaunchVM asWritten(TrustedLaunchVM vm) {
        ObjectMeta metadata = vm.getMetadata();
        TrustedLaunchVM written = new TrustedLaunchVM();
        written.setMetadata(new ObjectMetaBuilder()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withLabels(sorted(metadata.getLabels()))
                .withAnnotations(sorted(metadata.getAnnotations()))
                .build());
        written.setSpec(vm.getSpec());
        return written;
    }

    private static Map<String, String> sorted(Map<String, String> entries) {
        Map<String, String> sorted = new TreeMap<>(entries == null ? Map.of() : entries);
        sorted.remove(LAST_APPLIED);
        return sorted.isEmpty() ? null : sorted;
    }

    public byte[] seal(RecoveryCertificate certificate, SecureRandom random) {
        try {
            return certificate.seal(JSON.writeValueAsBytes(new Document(FORMAT, key.bytes(), vm, record)), random);
        } catch (JsonProcessingException e) {
            // Not its cause, which may quote the key.
            throw new IllegalStateException("what was read from the API server is always written");
        }
    }

    /** The escrow in a file, if it was sealed for this key. Whose it is is the caller's to compare. */
    public static Opening open(byte[] file, RecoveryKey key) {
        if (file.length > MAX_BYTES) {
            return new Opening.Refused("it has more than " + MAX_BYTES + " bytes, which none has");
        }
        return switch (key.open(file)) {
            case Unsealing.Refused refused -> new Opening.Refused(refused.message());
            case Unsealing.Unsealed unsealed -> read(unsealed.content());
        };
    }

    private static Opening read(byte[] content) {
        try {
            JsonNode tree = JSON.readTree(content);
            JsonNode format = tree.path("format");
            if (format.isInt() && format.intValue() > FORMAT) {
                return new Opening.Refused(
                        "it has format " + format.intValue() + ", and this version reads up to " + FORMAT);
            }
            Document document = JSON.treeToValue(tree, Document.class);
            if (document.format != FORMAT) {
                return new Opening.Refused("its content is not of the form that is written");
            }
            return new Opening.Opened(
                    new Escrow(ProtectionKey.of(document.protectionKey), document.vm, document.record));
        } catch (IOException | RuntimeException e) {
            // Not its message, which quotes the content.
            return new Opening.Refused(
                    "its content does not read (" + e.getClass().getSimpleName() + ")");
        }
    }

    @Override
    public String toString() {
        return "Escrow[" + key + " of VM " + record.uid() + ", epoch " + record.epoch() + "]";
    }
}
