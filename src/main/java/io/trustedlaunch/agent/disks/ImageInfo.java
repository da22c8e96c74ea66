package io.trustedlaunch.agent.disks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;

/**
 * What qemu-img says of an image.
 *
 * @param reference another file that the image leans on: such an image could name any file of this host
 */
record ImageInfo(String format, long virtualBytes, Optional<String> reference, boolean encrypted, boolean snapshots) {
    private static final Set<String> ACCEPTED = Set.of("raw", "qcow2", "vhdx", "vpc");

    static ImageInfo of(JsonNode tree) {
        JsonNode specific = tree.path("format-specific").path("data");
        return new ImageInfo(
                tree.path("format").asText(),
                tree.path("virtual-size").asLong(-1),
                text(tree, "backing-filename")
                        .or(() -> text(tree, "full-backing-filename"))
                        .or(() -> text(specific, "data-file")),
                tree.path("encrypted").asBoolean(false)
                        || !specific.path("encrypt").isMissingNode(),
                !tree.path("snapshots").isEmpty());
    }

    /** Why it is not accepted. */
    Optional<String> refusal() {
        if (!ACCEPTED.contains(format)) {
            return Optional.of("its format is " + format + "; raw, qcow2, vhdx and vpc (VHD) are accepted");
        }
        if (reference.isPresent()) {
            return Optional.of("it refers to another file, " + reference.get());
        }
        if (encrypted) {
            return Optional.of("it is encrypted");
        }
        if (snapshots) {
            return Optional.of("it holds snapshots");
        }
        return virtualBytes > 0 ? Optional.empty() : Optional.of("it has no size");
    }

    private static Optional<String> text(JsonNode node, String field) {
        return Optional.of(node.path(field).asText("")).filter(value -> !value.isEmpty());
    }
}
