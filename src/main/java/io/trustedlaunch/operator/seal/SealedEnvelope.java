package io.trustedlaunch.operator.seal;

import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * What was sealed to a node. It is different each time that one is sealed, so it shows whose write the API server has.
 *
 * @param key the identifier of the node's key
 */
public record SealedEnvelope(String node, String key, String base64) {
    /** @param sealed to the recipient */
    public static SealedEnvelope of(VerifiedCertificate recipient, byte[] sealed) {
        return new SealedEnvelope(
                recipient.nodeName(),
                recipient.keyIdentifier(),
                Base64.getEncoder().encodeToString(sealed));
    }

    /**
     * With the keys of a VM's backups, and not the VM's own.
     *
     * @param key the VM's
     * @param grant what may be asked of a bucket; empty for a folder
     */
    public static SealedEnvelope ofBackupKeys(
            ProtectionKey key,
            byte[] grant,
            RestoreEnvelope.Address address,
            VerifiedCertificate recipient,
            SecureRandom random) {
        try (BackupKeys keys = BackupKeys.of(key, address.vm())) {
            return of(
                    recipient,
                    RestoreEnvelope.seal(new RestoreEnvelope.Content(keys, grant), address, recipient, random));
        }
    }

    /** Something that has the envelope, before it is written. */
    public record In<T>(T content, SealedEnvelope envelope) {}

    public <T> In<T> in(T content) {
        return new In<>(content, this);
    }
}
