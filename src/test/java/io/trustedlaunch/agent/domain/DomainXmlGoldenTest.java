package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.OsType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The complete domain XML of each profile, for review. To update after an intended change: {@code -Dgolden.update=true}. */
class DomainXmlGoldenTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "domain");

    @ParameterizedTest
    @CsvSource({
        "Linux, EMULATED",
        "Linux, KVM",
        "Linux, KVM_NESTED_AMD",
        "Windows, EMULATED",
        "Windows, KVM",
        "Windows, KVM_NESTED_INTEL"
    })
    void theProfileMatchesItsGoldenFile(OsType osType, Acceleration acceleration) throws IOException {
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
