package io.trustedlaunch.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.metrics.ProcessMetrics;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GuestMetricsTest {
    private static final String OF_VM = "{name=\"payroll\",namespace=\"finance\"} ";

    private final SampleHost host = new SampleHost();

    @Test
    void aGuestHasTheNameOfItsVm() {
        assertThat(scrape())
                .contains(
                        "\ntrusted_launch_agent_libvirt_up 1.0\n",
                        "\ntrusted_launch_vm_running" + OF_VM + "1.0\n",
                        "\ntrusted_launch_vm_cpu_seconds_total" + OF_VM + "1.5\n",
                        "\ntrusted_launch_vm_memory_bytes" + OF_VM + "1024.0\n",
                        "\ntrusted_launch_vm_memory_resident_bytes" + OF_VM + "512.0\n",
                        "\ntrusted_launch_vm_tpm_responding" + OF_VM + "1.0\n",
                        "\ntrusted_launch_vm_guest_state_seal_timestamp_seconds" + OF_VM + "1.7723664E9\n",
                        "\ntrusted_launch_vm_guest_state_unsealed" + OF_VM + "0.0\n");
    }

    @Test
    void aNetworkCardHasItsNameInTheSpec() {
        assertThat(scrape())
                .contains(
                        "trusted_launch_vm_network_received_bytes_total{interface=\"nic0\",name=\"payroll\","
                                + "namespace=\"finance\"} 1500.0\n",
                        "trusted_launch_vm_disk_written_bytes_total{device=\"vda\",name=\"payroll\","
                                + "namespace=\"finance\"} 512.0\n");
    }

    @Test
    void theLatencyOfADiskIsTheTimeOfItsRequestsOverTheirNumber() {
        assertThat(scrape())
                .contains(
                        "trusted_launch_vm_disk_requests_total{device=\"vda\",kind=\"flush\",name=\"payroll\","
                                + "namespace=\"finance\"} 4.0\n",
                        "trusted_launch_vm_disk_request_seconds_total{device=\"vda\",kind=\"flush\",name=\"payroll\","
                                + "namespace=\"finance\"} 0.5\n",
                        "trusted_launch_vm_disk_request_seconds_total{device=\"vda\",kind=\"write\",name=\"payroll\","
                                + "namespace=\"finance\"} 0.04\n");
    }

    @Test
    void aDomainThatIsNotOursIsLeftOut() {
        assertThat(scrape().lines().filter(line -> line.startsWith("trusted_launch_vm_running")))
                .hasSize(1);
    }

    @Test
    void aPausedGuestAFailedTpmAndAStateThatIsNotSealedShow() {
        host.guests.set(
                0,
                SampleHost.guest(SampleHost.VM)
                        .running(false)
                        .vtpm(new VtpmState.Stopped(7))
                        .build());
        host.problem = Optional.of(new Problem(Reason.GuestStateNotSealed, "for the test"));

        assertThat(scrape())
                .contains(
                        "\ntrusted_launch_vm_running" + OF_VM + "0.0\n",
                        "\ntrusted_launch_vm_tpm_responding" + OF_VM + "0.0\n",
                        "\ntrusted_launch_vm_guest_state_unsealed" + OF_VM + "1.0\n");
    }

    /** No label is the guest's word. */
    @Test
    void fileSystemsThatAreNearlyFullAreCounted() {
        assertThat(scrape())
                .contains(
                        "\ntrusted_launch_vm_guest_agent_connected" + OF_VM + "1.0\n",
                        "\ntrusted_launch_vm_file_systems_nearly_full" + OF_VM + "2.0\n")
                .doesNotContain("ext4", "/data");
    }

    @Test
    void whatAGuestSaidBeforeItFellSilentIsNotCounted() {
        host.said = Optional.of(SampleHost.said(false));
        assertThat(scrape())
                .contains("\ntrusted_launch_vm_guest_agent_connected" + OF_VM + "0.0\n")
                .doesNotContain("file_systems_nearly_full");

        host.said = Optional.empty();
        assertThat(scrape()).doesNotContain("guest_agent_connected");
    }

    @Test
    void whatIsNotKnownIsMissing() {
        host.guests.set(
                0,
                SampleHost.guest(SampleHost.VM)
                        .vtpm(new VtpmState.Unknown())
                        .residentBytes(OptionalLong.empty())
                        .build());

        assertThat(scrape())
                .doesNotContain("trusted_launch_vm_tpm_responding", "trusted_launch_vm_memory_resident_bytes");
    }

    @Test
    void withoutLibvirtThereAreNoGuestsAndTheScrapeSucceeds() {
        host.libvirtAnswers = false;

        assertThat(scrape()).contains("\ntrusted_launch_agent_libvirt_up 0.0\n").doesNotContain("payroll");
    }

    private String scrape() {
        ProcessMetrics metrics = new ProcessMetrics();
        host.addTo(metrics);
        return metrics.scrape();
    }
}
