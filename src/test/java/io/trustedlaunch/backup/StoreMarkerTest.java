package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreMarkerTest {
    private static final UUID ID = UUID.fromString("5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e");
    private static final UUID OTHER = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final String STORE = "the folder /backups";

    /** An administrator writes one that was lost by hand, as docs/backup.md says. */
    @Test
    void itHasOneForm() throws BackupStoreException {
        byte[] marker = StoreMarker.encode(ID);
        assertThat(new String(marker, UTF_8)).isEqualTo("{\"format\":1,\"id\":\"" + ID + "\"}");
        assertThat(StoreMarker.decode(marker, STORE)).isEqualTo(ID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "{\"format\":1}",
                "{\"format\":1,\"id\":null}",
                "{\"format\":1,\"id\":7}",
                "{\"format\":1,\"id\":\"\"}",
                "{\"format\":1,\"id\":\"../../etc\"}",
                "{\"format\":0,\"id\":\"5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e\"}",
                "{\"format\":1,\"id\":\"5B0C1D3E-7A42-4C8E-9F16-2D8A3B4C5D6E\"}",
                "{\"format\":1,\"id\":\"5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e\"}\n",
                "{\"format\":1,\"id\":\"5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e\",\"x\":1}",
                "{\"id\":\"5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e\",\"format\":1}",
                "\u001b[31m"
            })
    void whatIsNoMarkerIsRefusedAndNotQuoted(String content) {
        assertThatThrownBy(() -> StoreMarker.decode(content.getBytes(UTF_8), STORE))
                .isInstanceOfSatisfying(
                        BackupStoreException.class, e -> assertThat(e.fault()).isEqualTo(StoreFault.UNMARKED))
                .hasMessageStartingWith("the marker of the folder /backups (backup-location.json) cannot be used: it ")
                .hasMessageNotContainingAny("etc", "\u001b", "5b0c");
    }

    @Test
    void oneThatIsTooLargeIsNotParsed() {
        byte[] large = new byte[StoreMarker.MAX_BYTES + 1];
        assertThatThrownBy(() -> StoreMarker.decode(large, STORE)).hasMessageContaining("more than 1024 bytes");
    }

    @Test
    void oneOfALaterFormatSaysSo() {
        assertThatThrownBy(() -> StoreMarker.decode("{\"format\":2,\"name\":\"x\"}".getBytes(UTF_8), STORE))
                .hasMessageContaining("it has format 2, and this version reads up to 1: upgrade this software");
    }

    @Test
    void onlyTheOneThatIsMeantIsRight() throws BackupStoreException {
        StoreMarker.require(ID, Optional.of(ID), STORE);
        assertThatThrownBy(() -> StoreMarker.require(ID, Optional.empty(), STORE))
                .isInstanceOf(BackupStoreException.class)
                .hasMessage("the folder /backups has no marker (backup-location.json), so it is not known to be store "
                        + ID + "; check what is mounted there, or bucket and prefix");
        assertThatThrownBy(() -> StoreMarker.require(ID, Optional.of(OTHER), STORE))
                .isInstanceOf(BackupStoreException.class)
                .hasMessageContainingAll(
                        "is store " + OTHER + " by its marker", "store " + ID + " is meant; check what");
    }
}
