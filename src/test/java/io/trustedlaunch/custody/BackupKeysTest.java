package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BackupKeysTest {
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");

    private final ProtectionKey key = ProtectionKey.generate(new SecureRandom());

    @Test
    void whatWasEncodedIsDecoded() {
        try (BackupKeys keys = BackupKeys.of(key, VM);
                BackupKeys decoded = BackupKeys.decode(keys.encoded())) {
            assertThat(decoded.packSecret()).isEqualTo(keys.packSecret()).isNotSameAs(keys.packSecret());
            assertThat(decoded.description().bytes())
                    .isEqualTo(keys.description().bytes());
            assertThat(decoded.description().identifier())
                    .isEqualTo(keys.description().identifier());
        }
    }

    @Test
    void anythingElseIsRefused() {
        try (BackupKeys keys = BackupKeys.of(key, VM)) {
            byte[] encoded = keys.encoded();
            assertThatThrownBy(() -> BackupKeys.decode(Arrays.copyOf(encoded, encoded.length - 1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> BackupKeys.decode(Arrays.copyOf(encoded, encoded.length + 1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> BackupKeys.decode(new byte[0])).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
