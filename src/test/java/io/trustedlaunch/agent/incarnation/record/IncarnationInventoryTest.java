package io.trustedlaunch.agent.incarnation.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncarnationInventoryTest {
    private static final UUID STOPPED = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final UUID ERASED = UUID.fromString("00000000-0000-4000-8000-000000000002");

    @TempDir
    Path folder;

    @Test
    void aStoppedVmIsToldOfAndAnErasedOneIsNot() throws Exception {
        VmRecordStore memory = new VmRecordStore(folder.resolve("vms"));
        memory.save(STOPPED, VmRecord.firstSeen(7));
        memory.save(ERASED, VmRecord.firstSeen(3).tombstone());
        Files.writeString(folder.resolve("vms").resolve(UUID.randomUUID() + ".json"), "not a record");

        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            assertThat(new IncarnationInventory(hypervisor, memory).get())
                    .containsExactly(new Domain(STOPPED.toString(), 7));
        }
    }

    @Test
    void aGuestThatWasToComeIsNobodysWhetherItIsAwaitedOrStayedWhereItWas() {
        VmRecordStore memory = new VmRecordStore(folder.resolve("vms"));
        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            VmRecord awaited = VmRecord.firstSeen(7)
                    .withMigration(MigrationRecord.NONE.withArrival(new Arrival(7, "host-b", true, Optional.empty())));
            DomainSpec arrived = Specs.small(STOPPED, 7, folder);
            hypervisor.prepareVariables(arrived);
            hypervisor.putTpm(STOPPED, "tpm");
            hypervisor.createPaused(
                    arrived, TpmSecret.of("00".repeat(32).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));

            for (VmRecord record : new VmRecord[] {awaited, awaited.withEnd(7, Exit.NeverRan)}) {
                memory.save(STOPPED, record);
                assertThat(new IncarnationInventory(hypervisor, memory).get()).isEmpty();
            }
            memory.save(STOPPED, awaited.resumed(5).seen(7));
            assertThat(new IncarnationInventory(hypervisor, memory).get())
                    .as("what it was the place of before")
                    .containsExactly(new Domain(STOPPED.toString(), 5));
            memory.save(STOPPED, awaited.resumed(7));
            assertThat(new IncarnationInventory(hypervisor, memory).get())
                    .containsExactly(new Domain(STOPPED.toString(), 7));
        }
    }

    @Test
    void aHostWithoutMemoryHasNothing() {
        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            assertThat(new IncarnationInventory(hypervisor, new VmRecordStore(folder.resolve("vms"))).get())
                    .isEmpty();
        }
    }
}
