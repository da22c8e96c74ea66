package io.trustedlaunch.custody;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/** All that must never be seen of a VM's protection key, for tests that look for it; by a name that may be shown. */
public final class SecretsOfKey {
    private SecretsOfKey() {}

    public static Map<String, byte[]> of(ProtectionKey key, String vmUid) {
        byte[] tpmSecret = key.tpmSecret(vmUid);
        try (GuestStateKey sealing = key.guestStateKey(UUID.fromString(vmUid))) {
            return Map.of(
                    "protection key", key.bytes(),
                    "TPM secret", tpmSecret,
                    "TPM secret's bytes", HexFormat.of().parseHex(new String(tpmSecret, StandardCharsets.US_ASCII)),
                    "guest-state key", sealing.bytes().clone());
        }
    }
}
