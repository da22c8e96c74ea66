package io.trustedlaunch.agent.incarnation.record;

import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.ClusterNodeStatus.PendingArrival;
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
    void aStoppedVmIsListedAndAnErasedOneIsNot() throws Exception {
        VmRecordStore store = new VmRecordStore(folder.resolve("vms"));
        store.updateOrBegin(
                STOPPED,
                record -> seen(7).withProof(7, Optional.of("proof of 7")).resumed(7));
        store.updateOrBegin(ERASED, record -> seen(3).erased(3, Exit.NeverRan));
        Files.writeString(folder.resolve("vms").resolve(UUID.randomUUID() + ".json"), "not a record");

        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            assertThat(new IncarnationInventory(hypervisor, store).get())
                    .as("with what the operator gave for it")
                    .containsExactly(new Domain(STOPPED.toString(), 7, "proof of 7", null));
        }
    }

    @Test
    void aGuestThatWasNotResumedIsListedAsOneThatArrived() {
        VmRecordStore store = new VmRecordStore(folder.resolve("vms"));
        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            VmRecord expected = seen(7).withArrival(7, new ArrivalRecord("host-b", 6, false, Optional.empty()));
            DomainSpec arrived = Specs.small(STOPPED, 7, folder);
            hypervisor.prepareVariables(arrived);
            hypervisor.putTpm(STOPPED, "tpm");
            hypervisor.createPaused(
                    arrived, TpmSecret.of("00".repeat(32).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));

            Domain waiting = new Domain(STOPPED.toString(), 7, null, new PendingArrival(6, false));
            for (VmRecord pending : new VmRecord[] {expected, expected.withEnd(7, Exit.NeverRan)}) {
                store.updateOrBegin(STOPPED, record -> pending);
                assertThat(new IncarnationInventory(hypervisor, store).get()).containsExactly(waiting);
            }
            store.updateOrBegin(STOPPED, record -> expected.resumed(5).seen(7));
            assertThat(new IncarnationInventory(hypervisor, store).get())
                    .as("with its earlier incarnation here")
                    .containsExactly(new Domain(STOPPED.toString(), 5, null, null), waiting);
            store.updateOrBegin(STOPPED, record -> expected.withLeftSource(7));
            assertThat(new IncarnationInventory(hypervisor, store).get())
                    .containsExactly(new Domain(STOPPED.toString(), 7, null, new PendingArrival(6, true)));
            store.updateOrBegin(STOPPED, record -> expected.resumed(7));
            assertThat(new IncarnationInventory(hypervisor, store).get())
                    .containsExactly(new Domain(STOPPED.toString(), 7, null, null));
        }
    }

    @Test
    void aHostWithoutRecordsHasNothing() {
        try (FakeHypervisor hypervisor = new FakeHypervisor(folder)) {
            assertThat(new IncarnationInventory(hypervisor, new VmRecordStore(folder.resolve("vms"))).get())
                    .isEmpty();
        }
    }
}
