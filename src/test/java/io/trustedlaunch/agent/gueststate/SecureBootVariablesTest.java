package io.trustedlaunch.agent.gueststate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.testkit.SignatureListBytes;
import io.trustedlaunch.testkit.VariableStores;
import io.trustedlaunch.testkit.VariableStores.Name;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecureBootVariablesTest {
    private static final byte[] ON = VariableStores.enrolled("boot order");
    private static final byte[] OFF = VariableStores.withSecureBoot(ON, false);

    @Test
    void secureBootIsOnWithAPlatformKeyAndTheFirmwaresSwitchOn() {
        assertThat(state(ON)).isEqualTo(new SecureBootState(true, false, List.of(), List.of(), 0));
    }

    @Test
    void itIsOffOnceItWasTurnedOffInTheFirmwaresSetup() {
        assertThat(state(OFF).enabled()).isFalse();
        assertThat(state(OFF).setupMode()).isFalse();
        assertThat(state(VariableStores.withSecureBoot(OFF, true)).enabled())
                .as("and on again")
                .isTrue();
    }

    @Test
    void withoutAPlatformKeyTheFirmwareIsInSetupModeAndItIsOff() {
        SecureBootState state = state(VariableStores.deleted(ON, Name.PK));

        assertThat(state.setupMode()).isTrue();
        assertThat(state.enabled()).isFalse();
        assertThat(state(VariableStores.with()).setupMode())
                .as("an empty store")
                .isTrue();
    }

    /** At its next boot the firmware makes the switch, turned on. */
    @Test
    void withAPlatformKeyAndWithoutTheSwitchItIsOn() {
        assertThat(state(VariableStores.deleted(ON, Name.SecureBootEnable)).enabled())
                .isTrue();
    }

    @Test
    void aVariableThatIsBeingReplacedCountsUntilItsReplacementIsThere() {
        assertThat(state(VariableStores.beingReplaced(OFF, Name.SecureBootEnable))
                        .enabled())
                .isFalse();
        byte[] replaced = VariableStores.withSecureBoot(VariableStores.beingReplaced(OFF, Name.SecureBootEnable), true);
        assertThat(state(replaced).enabled()).isTrue();
    }

    /** Neither on nor off: it must not be reported as off because firmware was reclaiming space. */
    @Test
    void ofVariablesThatAreDamagedOrBeingRewrittenNothingIsKnown() {
        byte[] tidied = VariableStores.tidiedUp(1, "boot order");
        assertThat(SecureBootVariables.state(VariableStores.beingTidiedUp(tidied)))
                .isEmpty();
        assertThat(SecureBootVariables.state(new byte[VariableStores.BYTES])).isEmpty();
        assertThat(SecureBootVariables.state(new byte[0])).isEmpty();
    }

    @Test
    void certificatesOfOthersAreNotMicrosofts() {
        byte[] own = SignatureListBytes.certificate("my own certificate".getBytes(UTF_8));
        byte[] store = VariableStores.set(VariableStores.set(ON, Name.db, own), Name.KEK, own);

        assertThat(state(store).microsoftInDb()).isEmpty();
        assertThat(state(store).microsoftInKek()).isEmpty();
    }

    @Test
    void theRevokedAreCountedOverAllLists() {
        byte[] dbx = SignatureListBytes.join(
                SignatureListBytes.hashes(3),
                SignatureListBytes.certificate(new byte[900]),
                SignatureListBytes.hashes(2));

        assertThat(state(VariableStores.set(ON, Name.dbx, dbx)).dbxEntries()).isEqualTo(6);
    }

    @Test
    void nothingIsReadFromAMalformedListOn() {
        byte[] good = SignatureListBytes.hashes(3);
        for (int field : new int[] {16, 20, 24}) {
            for (int value : new int[] {0, 1, 15, 16, 27, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
                byte[] bad = SignatureListBytes.with(SignatureListBytes.hashes(1), field, value);
                byte[] dbx = SignatureListBytes.join(good, bad, good);
                assertThat(state(VariableStores.set(ON, Name.dbx, dbx)).dbxEntries())
                        .as("field %d: %d", field, value)
                        .isBetween(3, 7);
            }
        }
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThat(state(VariableStores.set(ON, Name.dbx, cut)).dbxEntries())
                    .isZero();
        }
    }

    @Test
    void aVariableOfAnotherVendorOrWithALongerNameIsAnotherOne() {
        byte[] store = OFF.clone();
        store[VariableStores.find(OFF, Name.SecureBootEnable).orElseThrow() + 44] ^= 1;
        assertThat(state(store).enabled()).isTrue();

        byte[] dbxOnly = VariableStores.set(ON, Name.dbx, SignatureListBytes.hashes(1));
        assertThat(state(dbxOnly).microsoftInDb()).isEmpty();
    }

    private static SecureBootState state(byte[] store) {
        Optional<SecureBootState> state = SecureBootVariables.state(store);
        return state.orElseThrow();
    }
}
