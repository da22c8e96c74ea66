package io.trustedlaunch.agent.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/** How QEMU opens a disk of a backup: everything is named, so that nothing in the file leads to another one. */
final class EncryptedLayer {
    /** The name of the object that has the passphrase. */
    static final String KEY = "key";

    private EncryptedLayer() {}

    /** @param below what is read where this layer has nothing */
    static ObjectNode over(JsonNode below, Path file) {
        ObjectNode layer = JsonNodeFactory.instance.objectNode();
        layer.put("driver", "qcow2");
        layer.putObject("file").put("driver", "file").put("filename", file.toString());
        layer.putObject("encrypt").put("format", "luks").put("key-secret", KEY);
        layer.set("backing", below);
        return layer;
    }

    /** @param files the newest first, the full one last */
    static ObjectNode chain(List<Path> files) {
        JsonNode chain = NullNode.getInstance();
        for (Path file : files.reversed()) {
            chain = over(chain, file);
        }
        return (ObjectNode) chain;
    }
}
