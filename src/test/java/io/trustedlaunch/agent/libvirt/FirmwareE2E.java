package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.console.FirmwareMessages;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.tpm.EndorsementKey;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that the firmware refuses an unsigned boot chain: the same disk boots with Secure Boot off, which the API does not
 * allow. The disks are those of {@code bin/proof-guest}; {@code MainPathE2E} boots a signed chain.
 */
@InsideAHost
class FirmwareE2E {
    private static final Path IMAGES = Path.of("target", "proof-guest");
    private static final Duration BOOT = Duration.ofMinutes(4);
    private static final TpmSecret SECRET = TpmSecret.of(
            "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII));

    private final UUID vm = UUID.randomUUID();
    private TestHost host;
    private LibvirtHypervisor hypervisor;
    private Path console;

    @BeforeEach
    void connect() throws IOException {
        host = new TestHost();
        hypervisor = new LibvirtHypervisor(LibvirtSettings.system());
    }

    @AfterEach
    void cleanUp() throws IOException {
        hypervisor.destroy(vm);
        hypervisor.eraseState(vm);
        hypervisor.close();
        host.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"proof-guest-unsigned-loader.qcow2", "proof-guest-tampered-shim.qcow2"})
    void anUnsignedOrTamperedLoaderIsRefusedByTheFirmware(String image) throws IOException {
        start(image, true);

        // OVMF prints what it could not load, and why, on every console.
        awaitConsole("No bootable option or device was found");

        assertThat(FirmwareMessages.refusal(Files.readAllBytes(console)).orElseThrow())
                .startsWith("BdsDxe: failed to load Boot")
                .endsWith("Access Denied");
        assertThat(console()).doesNotContain("GRUB", "Linux version", "PROOF");
    }

    @Test
    void aDiskWithoutABootLoaderIsNotRefused() throws IOException {
        start(host.emptyDisk(vm, 1));

        awaitConsole("No bootable option or device was found");

        assertThat(FirmwareMessages.refusal(Files.readAllBytes(console))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"proof-guest-unsigned-loader.qcow2", "proof-guest-tampered-shim.qcow2"})
    void theSameDiskBootsWithoutSecureBootWithTheTpmThatWasMadeForIt(String image) throws IOException {
        EndorsementKey made = start(image, false);

        awaitConsole("PROOF secureboot=disabled");
        awaitConsole("PROOF ready=");
        assertThat(FirmwareMessages.refusal(Files.readAllBytes(console))).isEmpty();
        assertThat(console()).contains("PROOF tpm=ok").contains("PROOF ek=" + made.name());
        assertAddressesAreTheGuests();
        assertGuestEndsWhenAsked();
        assertThat(host.probe(vm, SECRET)).isEqualTo(made);
    }

    private void assertAddressesAreTheGuests() throws IOException {
        awaitConsole("PROOF ip=");
        assertThat(hypervisor.addresses(vm))
                .isNotEmpty()
                .allSatisfy(address -> assertThat(console()).contains("PROOF ip=" + address.text()));
    }

    private void assertGuestEndsWhenAsked() {
        hypervisor.requestShutdown(vm);
        await().atMost(BOOT).until(() -> hypervisor.find(vm).isEmpty());
        assertThat(hypervisor.lastStop(vm)).isEqualTo(StopReason.GUEST_SHUTDOWN);
    }

    private EndorsementKey start(String image, boolean secureBoot) throws IOException {
        return start(host.copyOf(IMAGES.resolve(image), DiskFormat.QCOW2, vm, secureBoot));
    }

    private EndorsementKey start(DomainSpec spec) {
        console = spec.consoleLog();
        hypervisor.prepareVariables(spec);
        EndorsementKey made = host.manufacture(vm, SECRET);
        hypervisor.createPaused(spec, SECRET);
        hypervisor.resume(vm);
        return made;
    }

    private void awaitConsole(String text) {
        await().atMost(BOOT).untilAsserted(() -> assertThat(console()).contains(text));
    }

    private String console() throws IOException {
        return Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
    }
}
