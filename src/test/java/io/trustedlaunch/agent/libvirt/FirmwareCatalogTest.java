package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.FirmwareFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirmwareCatalogTest {
    private static final String SECURE = "\"secure-boot\", \"enrolled-keys\", \"requires-smm\"";

    @TempDir
    private Path root;

    private Path administrators;
    private Path distributions;
    private FirmwareCatalog catalog;

    @BeforeEach
    void makeFolders() throws IOException {
        administrators = Files.createDirectory(root.resolve("etc"));
        distributions = Files.createDirectory(root.resolve("usr"));
        catalog = new FirmwareCatalog(List.of(administrators, distributions));
    }

    @Test
    void theFirstByNameThatFitsIsTaken() throws IOException {
        describe(distributions, "50-empty.json", "empty", "\"secure-boot\"", "flash", "pc-q35-*");
        describe(distributions, "60-later.json", "later", SECURE, "flash", "pc-q35-*");
        describe(distributions, "55-first.json", "first", SECURE, "flash", "pc-q35-*");

        assertThat(catalog.variablesTemplate(true)).contains(root.resolve("first.fd"));
    }

    @Test
    void withoutSecureBootMeansWithoutEnrolledKeysToo() throws IOException {
        describe(distributions, "50-secure.json", "secure", SECURE, "flash", "pc-q35-*");
        describe(distributions, "60-plain.json", "plain", "\"acpi-s3\"", "flash", "pc-q35-*");

        assertThat(catalog.variablesTemplate(false)).contains(root.resolve("plain.fd"));
    }

    @Test
    void anAdministratorReplacesADescriptionOrHidesIt() throws IOException {
        describe(distributions, "40-a.json", "theirs", SECURE, "flash", "pc-q35-*");
        describe(administrators, "40-a.json", "ours", SECURE, "flash", "pc-q35-*");
        assertThat(catalog.variablesTemplate(true)).contains(root.resolve("ours.fd"));

        Files.write(administrators.resolve("40-a.json"), new byte[0]);
        assertThat(catalog.variablesTemplate(true)).isEmpty();
    }

    @Test
    void firmwareForAnotherMachineOrInMemoryIsIgnored() throws IOException {
        describe(distributions, "10-pc.json", "pc", SECURE, "flash", "pc-i440fx-*");
        describe(distributions, "20-memory.json", "memory", SECURE, "memory", "pc-q35-*");

        assertThat(catalog.variablesTemplate(true)).isEmpty();
    }

    @Test
    void aDescribedButMissingTemplateIsIgnored() throws IOException {
        describe(distributions, "40-a.json", "gone", SECURE, "flash", "pc-q35-*");
        Files.delete(root.resolve("gone.fd"));

        assertThat(catalog.variablesTemplate(true)).isEmpty();
    }

    @Test
    void unreadableDescriptionsAreIgnored() throws IOException {
        Files.writeString(distributions.resolve("10-broken.json"), "{ this is not json");
        describe(distributions, "40-a.json", "good", SECURE, "flash", "pc-q35-*");

        assertThat(catalog.variablesTemplate(true)).contains(root.resolve("good.fd"));
        assertThat(new FirmwareCatalog(List.of(root.resolve("nowhere"))).variablesTemplate(true))
                .isEmpty();
    }

    @Test
    void allFirmwareWithSecureBootIsListed() throws IOException {
        describe(distributions, "40-plain.json", "plain", "\"acpi-s3\"", "flash", "pc-q35-*");
        describe(distributions, "50-one.json", "one", SECURE, "flash", "pc-q35-*");
        describe(distributions, "60-two.json", "two", SECURE, "flash", "pc-q35-*");

        assertThat(catalog.files(true))
                .containsExactly(
                        new FirmwareFiles(Path.of("/code.fd"), root.resolve("one.fd")),
                        new FirmwareFiles(Path.of("/code.fd"), root.resolve("two.fd")));
    }

    private void describe(Path folder, String file, String name, String features, String device, String machine)
            throws IOException {
        Path template = Files.writeString(root.resolve(name + ".fd"), "variables");
        Files.writeString(folder.resolve(file), """
                {"interface-types": ["uefi"],
                 "mapping": {"device": "%s",
                             "executable": {"filename": "/code.fd", "format": "raw"},
                             "nvram-template": {"filename": "%s", "format": "raw"}},
                 "targets": [{"architecture": "x86_64", "machines": ["%s"]}],
                 "features": [%s]}
                """.formatted(device, template, machine, features));
    }
}
