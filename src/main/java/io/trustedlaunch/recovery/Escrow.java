package io.trustedlaunch.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
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
 * All that is needed to recover one VM besides its guest state. It is sealed for the recovery key when an incarnation
 * begins, and is in the VM's folder before the guest runs. {@code docs/recovery.md} opens one by hand.
 *
 * @param vm as the user wrote it when the incarnation began: namespace, name, labels, annotations and spec
 * @param record the VM's record at that time; its guest state is newer, and is in the folder
 */
public record Escrow(ProtectionKey key, TrustedLaunchVM vm, RetainedVMRecord record) {
    /** More than the largest Kubernetes object has. */
    public static final int MAX_BYTES = 2 * 1024 * 1024;

    /** Increased when older readers would misread a new form. */
    private static final int FORMAT = 1;

    /** kubectl's copy of the manifest, which would be wrong for the recovered VM. */
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private static final JsonMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            .build();

    /** The result of opening a file. */
    public sealed interface Opening {
        record Opened(Escrow escrow) implements Opening {}

        /** @param message a clause in which "it" is the file; quotes none of its content */
        record Refused(String message) implements Opening {}
    }

    /** @param format always read first */
    @JsonPropertyOrder({"format", "protectionKey", "vm", "record"})
    private record Document(int format, byte[] protectionKey, TrustedLaunchVM vm, RetainedVMRecord record) {}

    /** Keeps only what the user wrote of the VM. */
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
            // The cause is left out: it may quote the key.
            throw new IllegalStateException("encoding an escrow failed");
        }
    }

    /** The escrow in a file, if it was sealed for this key. The caller compares the VM. */
    public static Opening open(byte[] file, RecoveryKey key) {
        if (file.length > MAX_BYTES) {
            return new Opening.Refused("it has more than " + MAX_BYTES + " bytes, the limit of an escrow");
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
                return new Opening.Refused("its content is not in the expected form");
            }
            return new Opening.Opened(
                    new Escrow(ProtectionKey.of(document.protectionKey), document.vm, document.record));
        } catch (IOException | RuntimeException e) {
            // The message is left out: it quotes the content.
            return new Opening.Refused(
                    "its content cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    @Override
    public String toString() {
        return "Escrow[" + key + " of VM " + record.uid() + ", epoch " + record.epoch() + "]";
    }
}
