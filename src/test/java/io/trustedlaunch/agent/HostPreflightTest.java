package io.trustedlaunch.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HostPrograms;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.tpm.EkProbe;
import io.trustedlaunch.agent.tpm.Libtpms;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.agent.tpm.SwtpmPreflight;
import io.trustedlaunch.agent.tpm.SwtpmTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPreflightTest {
    private static final SwtpmFacts FACTS = new SwtpmFacts("0.7.1", new Libtpms(Optional.empty()));

    @TempDir
    private Path folder;

    private HypervisorAccount account;

    @BeforeEach
    void installAllPrograms() throws IOException {
        account = Accounts.ownerOf(folder);
        for (String name : List.of(
                "swtpm", "swtpm_setup", "qemu-img", "qemu-io", "qemu-nbd", "setpriv", "prlimit", "xorriso", "ss")) {
            assertThat(Files.createFile(folder.resolve(name)).toFile().setExecutable(true))
                    .isTrue();
        }
    }

    @Test
    void aHostWithEverythingPasses() {
        assertThat(preflight(() -> FACTS).get()).isEqualTo(FACTS);
    }

    @Test
    void aHostWithoutAnAccountForQemuSaysSoFirst() throws IOException {
        Files.delete(folder.resolve("qemu-img"));
        account = HypervisorAccount.named(Optional.of("no-such-user"), Optional.empty());

        assertThatThrownBy(preflight(() -> FACTS)::get)
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("this node has no account for QEMU");
    }

    @Test
    void aHostWithoutAProgramNamesIt() throws IOException {
        Files.delete(folder.resolve("qemu-img"));

        assertThatThrownBy(preflight(() -> FACTS)::get)
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("this node lacks qemu-img; install qemu-utils");
    }

    @Test
    void aSwtpmThatCannotBeRunIsAProblemOfTheNode() {
        SwtpmTools tools = new SwtpmTools("/no/such/swtpm", "/no/such/swtpm_setup", Optional.empty());
        EkProbe probe = new EkProbe(tools, folder, Duration.ofSeconds(1), UUID::randomUUID);
        SwtpmFactory factory = new SwtpmFactory(tools, probe, Duration.ofSeconds(1));

        assertThatThrownBy(preflight(
                        new SwtpmPreflight(tools, factory, folder, new SecureRandom(), UUID::randomUUID)::prove)::get)
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("this node cannot make encrypted TPMs: cannot run /no/such/swtpm")
                .hasMessageEndingWith("; check swtpm and swtpm_setup on it");
    }

    private HostPreflight preflight(Supplier<SwtpmFacts> tpm) {
        return new HostPreflight(account, new HostPrograms(List.of(folder)), tpm);
    }
}
