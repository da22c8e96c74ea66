package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.SecureBootState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The stores that Debian's OVMF has been set up with: one with enrolled keys, one without. */
class SecureBootVariablesIT {
    private static final Path OVMF = Path.of("/usr/share/OVMF");

    @Test
    void aTemplateWithEnrolledKeysHasSecureBootOnWithMicrosoftsCertificates() throws IOException {
        SecureBootState state = state("OVMF_VARS_4M.ms.fd");

        assertThat(state.enabled()).isTrue();
        assertThat(state.setupMode()).isFalse();
        assertThat(state.microsoftInDb()).contains(2011).isSubsetOf(2011, 2023);
        assertThat(state.microsoftInKek()).contains(2011).isSubsetOf(2011, 2023);
        assertThat(state.dbxEntries()).isPositive();
    }

    @Test
    void aTemplateWithoutKeysIsInSetupMode() throws IOException {
        assertThat(state("OVMF_VARS_4M.fd")).isEqualTo(new SecureBootState(false, true, List.of(), List.of(), 0));
    }

    private static SecureBootState state(String file) throws IOException {
        return SecureBootVariables.state(Files.readAllBytes(OVMF.resolve(file))).orElseThrow();
    }
}
