package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The first disks that QEMU processes of a host have open. QEMU reads the tables of a qcow2 when it opens it, and trusts its
 * memory from then on: what another process allocates later it does not see, and loses when it writes. Of a guest that arrives
 * it reads them when it takes the disk over: libvirt sets late-block-activate.
 */
final class OpenDisks {
    private final Map<UUID, byte[]> tables = new HashMap<>();

    /** As it is now. */
    void open(DomainSpec spec) {
        Path disk = spec.osDisk().path();
        tables.remove(spec.vm());
        if (Files.exists(disk)) {
            tables.put(spec.vm(), FakeHypervisor.read(disk));
        }
    }

    void wrote(UUID vm, byte[] content) {
        tables.computeIfPresent(vm, (same, before) -> content);
    }

    void close(UUID vm) {
        tables.remove(vm);
    }

    Optional<byte[]> seen(UUID vm) {
        return Optional.ofNullable(tables.get(vm));
    }
}
