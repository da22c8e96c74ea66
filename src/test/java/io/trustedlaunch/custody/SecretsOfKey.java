package io.trustedlaunch.custody;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/** All that must never be seen of a VM's protection key, for tests that look for it; by a name that may be shown. */
public final class SecretsOfKey {
    private SecretsOfKey() {}

    public static Map<String, byte[]> of(ProtectionKey key, String vmUid) {
        UUID vm = UUID.fromString(vmUid);
        byte[] tpmSecret = key.tpmSecret(vmUid);
        byte[] packs = key.backupPackSecret(vm);
        try (GuestStateKey sealing = key.guestStateKey(vm);
                BackupDescriptionKey description = key.backupDescriptionKey(vm)) {
            return Map.of(
                    "protection key", key.bytes(),
                    "TPM secret", tpmSecret,
                    "TPM secret's bytes", bytesOf(tpmSecret),
                    "guest-state key", sealing.bytes().clone(),
                    "backup packs' secret", packs,
                    "backup description key", description.bytes().clone());
        }
    }

    private static byte[] bytesOf(byte[] printable) {
        return HexFormat.of().parseHex(new String(printable, StandardCharsets.US_ASCII));
    }
}
