package io.trustedlaunch.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.recovery.Escrow.Opening;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The backup keys of a cluster, as their Secret has them: {@value #KEY} with {@value #CERTIFICATE} seals and opens, every other
 * entry {@code NAME.key} only opens, for example one that was replaced, or another cluster's.
 *
 * @param sealing empty if nothing is sealed
 * @param opening the present key first
 */
public record ClusterBackupKeys(Optional<RecoveryCertificate> sealing, List<RecoveryKey> opening) {
    /** Name of the Secret, and of the ConfigMap with the certificate alone, in the operator's namespace. */
    public static final String NAME = "trusted-launch-backup-key";

    public static final String KEY = "backup.key";
    public static final String CERTIFICATE = "backup.crt";

    /** The keys of a cluster that has none. */
    public static final ClusterBackupKeys NONE = new ClusterBackupKeys(Optional.empty(), List.of());

    private static final String KEY_SUFFIX = ".key";

    public ClusterBackupKeys {
        opening = List.copyOf(opening);
    }

    /**
     * @param data of the Secret, in base64
     * @throws IllegalArgumentException if an entry is not usable; the message names it, and does not quote it
     */
    public static ClusterBackupKeys of(Map<String, String> data) {
        List<RecoveryKey> opening = new ArrayList<>();
        Map<String, String> others = new TreeMap<>(data);
        Optional.ofNullable(others.remove(KEY)).ifPresent(key -> opening.add(key(KEY, key)));
        others.forEach((name, key) -> {
            if (name.endsWith(KEY_SUFFIX)) {
                opening.add(key(name, key));
            }
        });
        Optional<RecoveryCertificate> sealing =
                Optional.ofNullable(data.get(CERTIFICATE)).map(ClusterBackupKeys::certificate);
        boolean isPair = sealing.map(RecoveryCertificate::keyId)
                .equals(opening.stream()
                        .filter(key -> data.containsKey(KEY))
                        .map(RecoveryKey::keyId)
                        .findFirst());
        if (!isPair) {
            throw new IllegalArgumentException(CERTIFICATE + " is not the certificate of " + KEY);
        }
        return new ClusterBackupKeys(sealing, opening);
    }

    private static RecoveryKey key(String name, String base64) {
        try {
            return RecoveryKey.fromPem(text(base64), Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " is not a private key without a password: " + e.getMessage());
        }
    }

    private static RecoveryCertificate certificate(String base64) {
        try {
            return RecoveryCertificate.fromPem(text(base64));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(CERTIFICATE + " " + e.getMessage());
        }
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), US_ASCII);
    }

    /** The escrow in a file, by whichever of the keys it was sealed for. */
    public Opening open(byte[] file) {
        Opening opening = new Opening.Refused("this cluster has no backup key");
        for (RecoveryKey key : this.opening) {
            opening = Escrow.open(file, key);
            if (opening instanceof Opening.Opened) {
                return opening;
            }
        }
        return opening;
    }
}
