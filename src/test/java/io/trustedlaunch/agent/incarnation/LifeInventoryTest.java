package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifeInventoryTest {
    private static final UUID STOPPED = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final UUID ERASED = UUID.fromString("00000000-0000-4000-8000-000000000002");

    @TempDir
    Path folder;

    @Test
    void aStoppedVmIsToldOfAndAnErasedOneIsNot() throws Exception {
        VmMemory memory = new VmMemory(folder.resolve("vms"));
        memory.remember(STOPPED, VmRecord.firstSeen(7));
        memory.remember(ERASED, VmRecord.firstSeen(3).tombstone());
        Files.writeString(folder.resolve("vms").resolve(UUID.randomUUID() + ".json"), "not a record");

        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            assertThat(new LifeInventory(hypervisor, memory).get()).containsExactly(new Domain(STOPPED.toString(), 7));
        }
    }

    @Test
    void aHostWithoutMemoryHasNothing() {
        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            assertThat(new LifeInventory(hypervisor, new VmMemory(folder.resolve("vms"))).get())
                    .isEmpty();
        }
    }
}
