package io.trustedlaunch.agent.libvirt;

import com.fasterxml.jackson.databind.JsonNode;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Jobs of a QEMU that libvirt knows nothing of, by QEMU's own commands, which libvirt passes on and then calls the domain tainted
 * (custom-monitor).
 */
final class QemuJobs {
    private static final String BACKUP = "backup";
    private static final String CONCLUDED = "concluded";

    private QemuJobs() {}

    /** Asks for the end of all backups, and returns true when there is none. */
    static boolean endBackups(Domain domain) throws LibvirtException {
        boolean none = true;
        for (JsonNode job :
                QemuMonitor.execute(domain, QemuMonitor.command("query-jobs")).path("return")) {
            if (job.path("type").asText().equals(BACKUP)) {
                none = false;
                String verb = job.path("status").asText().equals(CONCLUDED) ? "job-dismiss" : "job-cancel";
                QemuMonitor.execute(
                        domain, QemuMonitor.command(verb, "id", job.path("id").asText()));
            }
        }
        return none;
    }
}
