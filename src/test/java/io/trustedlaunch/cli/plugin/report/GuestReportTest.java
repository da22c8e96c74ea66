package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.Agent;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfo.OperatingSystem;
import io.trustedlaunch.api.vm.GuestInfo.TimeZone;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The output of {@code kubectl tlvm guest}. */
class GuestReportTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/cli");

    @Test
    void aLinuxGuest() throws IOException {
        check(
                "guest-linux.txt",
                GuestInfoBuilder.builder()
                        .reportTime("2026-11-24T09:59:58Z")
                        .agent(new Agent(true, "7.2.0"))
                        .os(new OperatingSystem("debian", "Debian GNU/Linux 12 (bookworm)", "12", "6.1.0-18-amd64"))
                        .hostName("payroll")
                        .timeZone(new TimeZone("CET", 3600))
                        .fileSystems(List.of(
                                new FileSystem("/", "ext4", (20L << 30) - (100L << 20), 45),
                                new FileSystem("/boot/efi", "vfat", 511L << 20, 5),
                                new FileSystem("/srv/data", "xfs", 2L << 40, 95)))
                        .build());
    }

    @Test
    void aGuestThatFellSilent() throws IOException {
        check(
                "guest-silent.txt",
                GuestInfoBuilder.builder()
                        .reportTime("2026-11-24T09:59:58Z")
                        .agent(new Agent(false, "107.0.1"))
                        .os(new OperatingSystem("mswindows", "Windows Server 2022 Standard", "2022", "20348"))
                        .timeZone(new TimeZone("\u001b[2J", -16_200))
                        .fileSystems(List.of(new FileSystem("C:\\", null, null, null)))
                        .build());
    }

    @Test
    void aGuestThatHasSaidNothing() {
        assertThat(report(TrustedLaunchVMStatus.Phase.Running, null)).contains("install and start", "VM:");
        assertThat(report(TrustedLaunchVMStatus.Phase.Halted, null)).contains("does not run (phase Halted)");
        assertThat(report(
                        TrustedLaunchVMStatus.Phase.Running,
                        GuestInfoBuilder.builder().build()))
                .contains("OS:           -", "Time zone:    -", "File systems: -");
        TrustedLaunchVM fresh = vm();
        assertThat(GuestReport.of(fresh).toString()).contains(StatusReport.NO_STATUS);
    }

    private static void check(String golden, GuestInfo guest) throws IOException {
        Golden.check(GOLDEN.resolve(golden), report(TrustedLaunchVMStatus.Phase.Running, guest));
    }

    private static String report(TrustedLaunchVMStatus.Phase phase, GuestInfo guest) {
        TrustedLaunchVM vm = vm();
        vm.setStatus(
                TrustedLaunchVMStatusBuilder.builder().phase(phase).guest(guest).build());
        return GuestReport.of(vm).toString();
    }

    private static TrustedLaunchVM vm() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll")
                .build());
        return vm;
    }
}
