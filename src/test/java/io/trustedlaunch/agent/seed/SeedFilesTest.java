package io.trustedlaunch.agent.seed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SeedFilesTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    @Test
    void missingMetaDataIsAddedForCloudInit() {
        SeedFiles seed = SeedFiles.of(VM, "payroll", Map.of("user-data", bytes("#cloud-config")));

        assertThat(seed.volume()).isEqualTo("cidata");
        assertThat(new String(seed.files().get("meta-data"), UTF_8))
                .isEqualTo("instance-id: " + VM + "\nlocal-hostname: payroll\n");
    }

    @Test
    void metaDataOfTheUserIsKept() {
        SeedFiles seed = SeedFiles.of(VM, "payroll", Map.of("meta-data", bytes("instance-id: mine")));

        assertThat(seed.files().get("meta-data")).isEqualTo(bytes("instance-id: mine"));
        assertThat(seed.files()).containsKey("user-data");
    }

    @Test
    void theAnswerFileForWindowsHasBothNames() {
        SeedFiles seed = SeedFiles.of(VM, "payroll", Map.of("unattend.xml", bytes("<unattend/>")));

        assertThat(seed.files().get("autounattend.xml")).isEqualTo(bytes("<unattend/>"));
        assertThat(seed.files()).doesNotContainKey("meta-data");
    }

    @Test
    void aNameThatIsTooLongForAHostNameIsShortened() {
        assertThat(SeedFiles.hostname("a".repeat(62) + "-" + "b".repeat(100))).isEqualTo("a".repeat(62));
        assertThat(SeedFiles.hostname("db.finance")).isEqualTo("db-finance");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
