package io.trustedlaunch.agent.migration.arrival;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.FirmwareFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A guest that may arrive, as this node would start it itself.
 *
 * @param spec its acceleration does not matter: the guest brings that of its source
 * @param variables the file of its UEFI variables
 * @param emulator this host's QEMU
 * @param firmware this host's firmware with Secure Boot and enrolled keys
 * @param copiesDisks its disks arrive with it
 * @param address at which other nodes reach this one
 */
@RecordBuilder
public record ArrivalExpectation(
        DomainSpec spec,
        Path variables,
        Path emulator,
        List<FirmwareFiles> firmware,
        boolean copiesDisks,
        String address) {
    public ArrivalExpectation {
        firmware = List.copyOf(firmware);
    }

    public UUID vm() {
        return spec.vm();
    }
}
