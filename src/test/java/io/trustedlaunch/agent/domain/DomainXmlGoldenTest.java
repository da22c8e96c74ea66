package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole of each profile, to be read by people. After a change on purpose: {@code -Dgolden.update=true}. */
class DomainXmlGoldenTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "domain");

    @ParameterizedTest
    @CsvSource({
        "LINUX, EMULATED",
        "LINUX, KVM",
        "LINUX, KVM_NESTED_AMD",
        "WINDOWS, EMULATED",
        "WINDOWS, KVM",
        "WINDOWS, KVM_NESTED_INTEL"
    })
    void theProfileIsAsItWasReviewed(OsType osType, Acceleration acceleration) throws IOException {
        String rendered = DomainXml.render(
                Specs.full(osType, acceleration), Path.of("/var/lib/libvirt/qemu/nvram/" + Specs.VM + "_VARS.fd"));
        Path file = GOLDEN.resolve((osType + "-" + acceleration).toLowerCase(Locale.ROOT) + ".xml");

        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, rendered);
        }
        assertThat(rendered).isEqualTo(Files.readString(file));
    }
}
