package io.trustedlaunch.agent.libvirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.tpm.VtpmBlobs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Reads the state of domains' TPMs out of the device state that QEMU writes for Xen's tools ({@code xen-save-devices-state}): what a
 * migration sends, without the guest's memory. QEMU pauses the guest for it, and lets it run on if it ran. It is written to a file in
 * memory, since it has the registers of the processors, too.
 */
final class DeviceStates {
    /** Our files among those that QEMU was given, also if an agent died while it waited for one. */
    private static final String OURS = "trusted-launch-device-state";

    /** That of an idle machine has 33 to 136 KB. */
    private static final int MAX_BYTES = 8 << 20;

    private final DomainCalls domains;
    private final QemuCalls<Optional<VtpmBlobs>> calls =
            new QemuCalls<>(Optional.empty(), late -> late.ifPresent(VtpmBlobs::close));

    DeviceStates(DomainCalls domains) {
        this.domains = domains;
    }

    /** See {@code Hypervisor#vtpmBlobs}. */
    VtpmBlobs vtpm(UUID vm) {
        return calls.call(
                        vm,
                        () -> Optional.of(domains.required(
                                vm,
                                "read the state of the TPM of VM " + vm,
                                (connection, domain) -> read(connection, domain, vm))))
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.NoAnswer(vm)));
    }

    /** One at a time on a host: it needs QEMU's big lock, and each guest is paused for it. */
    private synchronized VtpmBlobs read(OpenConnection connection, Domain domain, UUID vm) throws LibvirtException {
        removeOurs(domain);
        try (MemoryFile file = MemoryFile.create(OURS)) {
            JsonNode set = QemuMonitor.require(
                    connection, vm, QemuMonitor.command("add-fd", "opaque", OURS), file.descriptor());
            try {
                QemuMonitor.require(domain, save(set.path("fdset-id").asInt()));
            } finally {
                removeOurs(domain);
            }
            return parse(file);
        }
    }

    /** Without {@code live: false}, QEMU gives up the disks of a guest that is paused. */
    static ObjectNode save(int set) {
        ObjectNode command = QemuMonitor.command("xen-save-devices-state", "filename", "/dev/fdset/" + set);
        command.withObject("/arguments").put("live", false);
        return command;
    }

    private static void removeOurs(Domain domain) throws LibvirtException {
        for (JsonNode set : QemuMonitor.require(domain, QemuMonitor.command("query-fdsets"))) {
            boolean isOurs = false;
            for (JsonNode file : set.path("fds")) {
                isOurs |= file.path("opaque").asText().equals(OURS);
            }
            if (isOurs) {
                QemuMonitor.require(
                        domain,
                        QemuMonitor.command(
                                "remove-fd", "fdset-id", set.path("fdset-id").asInt()));
            }
        }
    }

    private static VtpmBlobs parse(MemoryFile file) {
        try {
            ByteBuffer state = file.read(MAX_BYTES);
            try {
                return DeviceState.vtpm(state);
            } finally {
                MemoryFile.wipe(state);
            }
        } catch (IOException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("QEMU's device state cannot be read: " + e.getMessage()), e);
        }
    }
}
