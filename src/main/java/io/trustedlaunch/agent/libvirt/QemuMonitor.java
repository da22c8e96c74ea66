package io.trustedlaunch.agent.libvirt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/** Commands of QEMU's own monitor (QMP), which libvirt passes on and then calls the domain tainted (custom-monitor). */
final class QemuMonitor {
    private static final ObjectMapper JSON = new ObjectMapper();

    private QemuMonitor() {}

    static ObjectNode command(String name) {
        return JSON.createObjectNode().put("execute", name);
    }

    static ObjectNode command(String name, String argument, Object value) {
        return command(name).set("arguments", JSON.createObjectNode().putPOJO(argument, value));
    }

    /** Returns what QEMU answers; its refusal is an answer, too. */
    static JsonNode execute(Domain domain, ObjectNode command) throws LibvirtException {
        return read(domain.qemuMonitorCommand(command.toString(), 0));
    }

    /** What QEMU returns. Throws {@link HypervisorException} if it refuses. */
    static JsonNode require(Domain domain, ObjectNode command) throws LibvirtException {
        return returned(command, execute(domain, command));
    }

    /** As {@link #require}, with a descriptor. */
    static JsonNode require(OpenConnection connection, UUID vm, ObjectNode command, int descriptor) {
        return returned(command, read(connection.monitorCommand(vm, command.toString(), descriptor)));
    }

    private static JsonNode returned(ObjectNode command, JsonNode answer) {
        if (answer.has("error")) {
            throw new HypervisorException(new HypervisorFailure.OperationFailed(
                    "QEMU refuses " + command.path("execute").asText() + ": "
                            + answer.path("error").path("desc").asText()));
        }
        return answer.path("return");
    }

    private static JsonNode read(String answer) {
        try {
            return JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("QEMU does not answer in JSON: " + e.getOriginalMessage()),
                    e);
        }
    }
}
