package io.trustedlaunch.agent.libvirt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Jobs of a QEMU that libvirt knows nothing of, by QEMU's own commands, which libvirt passes on and then calls the domain tainted
 * (custom-monitor).
 */
final class QemuJobs {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BACKUP = "backup";
    private static final String CONCLUDED = "concluded";

    private QemuJobs() {}

    /** Asks for the end of all backups, and returns true when there is none. */
    static boolean endBackups(Domain domain) throws LibvirtException {
        boolean none = true;
        for (JsonNode job : execute(domain, JSON.createObjectNode().put("execute", "query-jobs"))
                .path("return")) {
            if (job.path("type").asText().equals(BACKUP)) {
                none = false;
                String verb = job.path("status").asText().equals(CONCLUDED) ? "job-dismiss" : "job-cancel";
                execute(
                        domain,
                        JSON.createObjectNode()
                                .put("execute", verb)
                                .set(
                                        "arguments",
                                        JSON.createObjectNode()
                                                .put("id", job.path("id").asText())));
            }
        }
        return none;
    }

    /** QEMU's refusal is in its answer: a job may have ended meanwhile. */
    private static JsonNode execute(Domain domain, JsonNode command) throws LibvirtException {
        try {
            return JSON.readTree(domain.qemuMonitorCommand(command.toString(), 0));
        } catch (JsonProcessingException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("QEMU does not answer in JSON: " + e.getOriginalMessage()),
                    e);
        }
    }
}
