package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorContract;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.tpm.EndorsementKey;
import io.trustedlaunch.testkit.HostProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real hypervisor, with the libvirt of the host that the test runs in. */
@InsideAHost
class LibvirtHypervisorIT extends HypervisorContract {
    private TestHost host;
    private LibvirtHypervisor libvirt;

    @BeforeEach
    void connect() throws IOException {
        host = new TestHost();
        libvirt = new LibvirtHypervisor(LibvirtSettings.system());
    }

    @AfterEach
    void cleanUp() throws IOException {
        libvirt.destroy(vm());
        libvirt.eraseState(vm());
        libvirt.close();
        host.close();
    }

    @Override
    protected Hypervisor hypervisor() {
        return libvirt;
    }

    @Override
    protected DomainSpec spec(UUID vm, long epoch) {
        return host.emptyDisk(vm, epoch);
    }

    @Override
    protected void manufactureTpm(UUID vm) {
        host.manufacture(vm, SECRET);
    }

    @Override
    protected void stopVtpm(UUID vm) {
        HostProcess.swtpmOf(vm).suspend();
    }

    @Override
    protected void continueVtpm(UUID vm) {
        HostProcess.swtpmOf(vm).resume();
    }

    @Override
    protected void killVtpm(UUID vm) {
        HostProcess.swtpmOf(vm).kill();
    }

    @Test
    void theTpmIsTheSameBeforeDuringAndAfterTheDomain() {
        libvirt.prepareVariables(spec(vm(), 1));
        EndorsementKey made = host.manufacture(vm(), SECRET);

        libvirt.createPaused(spec(vm(), 1), SECRET);
        assertThat(host.probe(vm(), SECRET)).isEqualTo(made);
        libvirt.resume(vm());
        libvirt.destroy(vm());

        assertThat(host.probe(vm(), SECRET)).isEqualTo(made);
    }

    @Test
    void preparedVariablesAreUsedAndNotReplaced() throws IOException {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        byte[] prepared = Files.readAllBytes(libvirt.workingCopy(vm()).variables());

        libvirt.createPaused(spec(vm(), 1), SECRET);

        assertThat(libvirt.workingCopy(vm()).variables()).hasBinaryContent(prepared);
    }

    @Test
    void aDomainWhoseQemuIsKilledDidNotShutDown() throws IOException {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        libvirt.resume(vm());

        assertThat(host.qemu(spec(vm(), 1)).destroy()).isTrue();

        await().atMost(Duration.ofSeconds(60)).until(() -> libvirt.find(vm()).isEmpty());
        await().atMost(Duration.ofSeconds(5)).until(() -> libvirt.lastStop(vm()) == StopReason.CRASHED);
    }

    @Test
    void aQemuThatDoesNotAnswerIsNotWaitedForAndIsPoweredOff() throws Exception {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        libvirt.resume(vm());
        new HostProcess(host.qemu(spec(vm(), 1))).suspend();

        CompletableFuture.runAsync(() -> libvirt.requestShutdown(vm())).get(30, TimeUnit.SECONDS);
        libvirt.destroy(vm());

        assertThat(libvirt.find(vm())).isEmpty();
    }

    @Test
    void aQemuThatDoesNotAnswerIsLeftOutOfTheStatisticsThatItWouldHaveToAnswer() throws Exception {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        HostProcess qemu = new HostProcess(host.qemu(spec(vm(), 1)));
        qemu.suspend();

        // The second call finds the first one open.
        for (int call = 0; call < 2; call++) {
            List<GuestStatistics> statistics =
                    CompletableFuture.supplyAsync(libvirt::statistics).get(30, TimeUnit.SECONDS);
            assertThat(statistics)
                    .filteredOn(guest -> guest.vm().equals(vm()))
                    .singleElement()
                    .satisfies(guest -> assertThat(guest.disks()).isEmpty());
        }

        qemu.resume();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> libvirt.statistics().stream()
                        .anyMatch(guest ->
                                guest.vm().equals(vm()) && !guest.disks().isEmpty()));
    }

    @Test
    void thisHostIsEmulatedUnlessATrialProvedOtherwise() {
        assertThat(libvirt.host().networks()).contains("lab");
        assertThat(libvirt.host().acceleration()).isIn((Object[]) Acceleration.values());
    }
}
