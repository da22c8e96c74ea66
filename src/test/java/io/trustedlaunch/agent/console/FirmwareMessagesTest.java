package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** FirmwareE2E has the words of a real firmware. */
class FirmwareMessagesTest {
    private static final String DEVICE = "Boot0001 \"UEFI Misc Device\" from PciRoot(0x0)/Pci(0x1,0x2)/Pci(0x0,0x0)";
    private static final String LOADING = "BdsDxe: loading " + DEVICE + "\r\n";
    private static final String REFUSED = "BdsDxe: failed to load " + DEVICE + ": Access Denied";
    private static final String STARTING = LOADING + "BdsDxe: starting " + DEVICE + "\r\n";
    private static final String NOTHING_LEFT = "\r\nBdsDxe: No bootable option or device was found.\r\n";

    @Test
    void aRefusalIsGivenInTheFirmwaresWords() {
        assertThat(refusal(LOADING + REFUSED + NOTHING_LEFT)).contains(REFUSED);
        assertThat(refusal(REFUSED.replace("load Boot", "start Boot"))).isPresent();
        assertThat(refusal(REFUSED.replace("Access Denied", "Security Violation")))
                .isPresent();
    }

    @Test
    void aLoaderThatStartedAfterwardsEndsIt() {
        assertThat(refusal(REFUSED + NOTHING_LEFT + STARTING + "Linux version 6.1"))
                .isEmpty();
        assertThat(refusal(STARTING + "reboot: Restarting system\r\n" + REFUSED))
                .contains(REFUSED);
        assertThat(refusal(REFUSED + STARTING + REFUSED.replace("0001", "0002")))
                .contains(REFUSED.replace("0001", "0002"));
    }

    /** Whatever is on the disk. */
    @Test
    void thatTheFirmwareRefusesItsOwnShellSaysNothing() {
        String shell = "Boot0002 \"EFI Internal Shell\" from Fv(7CB8BDC9)/FvFile(7C04A583)";
        String refusedShell = "BdsDxe: loading " + shell + "\r\nBdsDxe: starting " + shell
                + "\r\nBdsDxe: failed to start " + shell + ": Security Violation\r\n";

        assertThat(refusal(REFUSED + "\r\n" + refusedShell)).contains(REFUSED);
        assertThat(refusal(REFUSED.replace("Access Denied", "Not Found") + "\r\n" + refusedShell))
                .isEmpty();
    }

    @Test
    void otherFailuresAreNoRefusals() {
        assertThat(refusal("")).isEmpty();
        assertThat(refusal(STARTING)).isEmpty();
        assertThat(refusal("BdsDxe: failed to load " + DEVICE + ": Not Found" + NOTHING_LEFT))
                .isEmpty();
        assertThat(refusal("cat: Access Denied")).isEmpty();
        assertThat(refusal("BdsDxe: failed to load " + "x".repeat(16_384) + ": Access Denied"))
                .isEmpty();
    }

    /** The words may come from a guest. */
    @Test
    void controlCharactersAreNotPassedOn() {
        assertThat(refusal(REFUSED.replace("Misc", "\u001b[2J\u0007Mi\u0085sc")).orElseThrow())
                .doesNotContain("\u001b", "\u0007", "\u0085");
    }

    private static Optional<String> refusal(String console) {
        return FirmwareMessages.refusal(console.getBytes(ISO_8859_1));
    }
}
