package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProtectionKeyTest {
    private static final String VM = "3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11";
    private static final String OTHER_VM = "b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22";

    private final ProtectionKey counting = ProtectionKey.of(
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));

    /** Computed with {@code openssl kdf}: a changed derivation would orphan every TPM there is. */
    @Test
    void theDerivationsNeverChange() {
        assertThat(new String(counting.tpmSecret(VM), US_ASCII))
                .isEqualTo("8e30b3aa1b7d269b2a872beb1bae53beae4e96fecacbb6e2055ef6caf364159e");
        assertThat(counting.keyId()).isEqualTo("4f3ca3a48bd78176");
    }

    @Test
    void theGuestStateKeyNeverChanges() {
        try (GuestStateKey key = counting.guestStateKey(UUID.fromString(VM))) {
            assertThat(HexFormat.of().formatHex(key.bytes()))
                    .isEqualTo("6f1e0124bdd46b1a41c7f22d9272b0a259303ed03ce90f24eb120864dcf194c4");
            assertThat(HexFormat.of().formatHex(key.identifier()))
                    .isEqualTo("3e0a6c1c6f0e4a539d1b0b6d5f6c7a11" + "4f3ca3a48bd78176");
            assertThat(key).hasToString("GuestStateKey[4f3ca3a48bd78176 of VM " + VM + "]");
        }
    }

    /** Also computed with {@code openssl kdf}. */
    @Test
    void theKeysOfBackupsNeverChange() {
        assertThat(HexFormat.of().formatHex(counting.backupPackSecret(UUID.fromString(VM))))
                .isEqualTo("96d15538e2e5bd1707beceb26f0e38a6db69ad9f8fd2523b61b43e9d894e87f6");
        try (BackupDescriptionKey key = counting.backupDescriptionKey(UUID.fromString(VM))) {
            assertThat(HexFormat.of().formatHex(key.bytes()))
                    .isEqualTo("646012b594b324c3083716c1967745581b829a0337d622e018b38b523fb8e40e");
            assertThat(key).hasToString("BackupDescriptionKey[4f3ca3a48bd78176 of VM " + VM + "]");
        }
    }

    @Test
    void eachVmHasASecretOfPacksOfItsOwn() {
        assertThat(counting.backupPackSecret(UUID.fromString(VM)))
                .isNotEqualTo(counting.backupPackSecret(UUID.fromString(OTHER_VM)))
                .isNotEqualTo(counting.tpmSecret(VM));
    }

    @Test
    void aClosedGuestStateKeyHoldsNoKeyAnyMore() {
        GuestStateKey key = counting.guestStateKey(UUID.fromString(VM));
        byte[] bytes = key.bytes();

        key.close();

        assertThat(bytes).containsOnly(0);
        assertThatThrownBy(key::bytes).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theTpmSecretDiffersByKeyAndByVm() {
        ProtectionKey other = ProtectionKey.generate(new SecureRandom());

        assertThat(counting.tpmSecret(VM))
                .isEqualTo(counting.tpmSecret(VM))
                .isNotEqualTo(counting.tpmSecret(OTHER_VM))
                .isNotEqualTo(other.tpmSecret(VM));
    }

    @Test
    void everyGeneratedKeyIsAnother() {
        SecureRandom random = new SecureRandom();

        assertThat(ProtectionKey.generate(random)).isNotEqualTo(ProtectionKey.generate(random));
    }

    @Test
    void aKeyReadBackIsTheSame() {
        ProtectionKey key = ProtectionKey.generate(new SecureRandom());

        assertThat(ProtectionKey.of(key.bytes())).isEqualTo(key).hasSameHashCodeAs(key);
    }

    @Test
    void theTextOfAKeyHoldsNothingOfIt() {
        String text = counting.toString();

        assertThat(text).contains(counting.keyId());
        assertThat(text)
                .doesNotContain(HexFormat.of().formatHex(counting.bytes()).substring(0, 8))
                .doesNotContain(
                        Base64.getEncoder().encodeToString(counting.bytes()).substring(0, 8));
    }

    @Test
    void whatIsHandedOutIsACopy() {
        counting.bytes()[0] = 99;

        assertThat(counting.bytes()[0]).isZero();
    }

    @Test
    void keysOfAnotherLengthOrOfZerosAreRefused() {
        assertThatThrownBy(() -> ProtectionKey.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ProtectionKey.of(new byte[33])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ProtectionKey.of(new byte[32])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTpmSecretWithoutAVmIsRefused() {
        assertThatThrownBy(() -> counting.tpmSecret(" ")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyIsEqualToItselfOnlyAndKeepsNoArrayOfItsCaller() {
        byte[] bytes = counting.bytes();
        ProtectionKey key = ProtectionKey.of(bytes);
        bytes[31] ^= 1;

        assertThat(key).isEqualTo(counting).isNotEqualTo(ProtectionKey.of(bytes));
        assertThat(key.hashCode()).isNotEqualTo(ProtectionKey.of(bytes).hashCode());
    }
}
