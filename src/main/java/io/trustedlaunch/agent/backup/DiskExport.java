package io.trustedlaunch.agent.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * A disk as it was at one instant, served over NBD: by the QEMU of a running guest, or from the file of a stopped one. An
 * escaped guest serves what it likes.
 *
 * @param socket in a folder that only the hypervisor's user and root can enter
 * @param name of the export, and of its bitmap of what was written since the base
 */
public record DiskExport(Path socket, String name) {
    /** The time in which the server must begin to serve. */
    private static final int SECONDS = 10;

    ObjectNode source() {
        ObjectNode source = JsonNodeFactory.instance.objectNode();
        source.put("driver", "nbd").put("export", name).put("open-timeout", SECONDS);
        source.putObject("server").put("type", "unix").put("path", socket.toString());
        return source;
    }

    /** Shows what is dirty as not being there. */
    ObjectNode dirty() {
        return source().put("x-dirty-bitmap", "qemu:dirty-bitmap:" + name);
    }
}
