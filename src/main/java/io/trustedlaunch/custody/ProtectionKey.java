package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * The secret of one VM, from which all its other keys are derived.
 *
 * <p>A derivation is HKDF-SHA256 with the VM's UID as salt and the purpose as info, so that a key for one purpose
 * reveals nothing of another, and a copied Secret yields other keys under another UID.
 */
public final class ProtectionKey {
    public static final int BYTES = 32;

    static final int ID_BYTES = 8;
    private static final String ID_INFO = "trustedlaunch.io/v1/key-id";
    private static final String TPM_INFO = "trustedlaunch.io/v1/tpm";
    private static final String GUEST_STATE_INFO = "trustedlaunch.io/v1/guest-state";
    private static final String BACKUP_PACKS_INFO = "trustedlaunch.io/v1/backup-packs";
    private static final String BACKUP_DESCRIPTION_INFO = "trustedlaunch.io/v1/backup-description";

    private final byte[] key;

    private ProtectionKey(byte[] key) {
        this.key = key;
    }

    public static ProtectionKey generate(SecureRandom random) {
        byte[] key = new byte[BYTES];
        random.nextBytes(key);
        return new ProtectionKey(key);
    }

    /** @throws IllegalArgumentException if it is not {@value #BYTES} bytes, or all zero */
    public static ProtectionKey of(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a protection key has " + BYTES + " bytes, this one has " + key.length);
        }
        if (MessageDigest.isEqual(key, new byte[BYTES])) {
            throw new IllegalArgumentException("a protection key of zeros was never generated");
        }
        return new ProtectionKey(key.clone());
    }

    /** The key itself: for the Secret and the envelope only. */
    public byte[] bytes() {
        return key.clone();
    }

    /** Identifies the key in logs and conditions; reveals nothing of it. */
    public String keyId() {
        return HexFormat.of().formatHex(keyIdBytes());
    }

    /**
     * The passphrase of swtpm's state, as swtpm and libvirt take it: printable, because a passphrase read from a
     * descriptor ends at a zero byte or a line break.
     */
    public byte[] tpmSecret(String vmUid) {
        if (vmUid.isBlank()) {
            throw new IllegalArgumentException("a TPM secret needs the UID of its VM");
        }
        return printable(vmUid, TPM_INFO);
    }

    /** The secret of the packs in the VM's backups, from which each pack's key is derived. {@code docs/backup-format.md} derives both. */
    public byte[] backupPackSecret(UUID vm) {
        return derive(vm.toString(), BACKUP_PACKS_INFO, BYTES);
    }

    /** The key that seals what is confidential about the VM's backups. {@code docs/backup-format.md} derives it. */
    public BackupDescriptionKey backupDescriptionKey(UUID vm) {
        return new BackupDescriptionKey(vm, keyIdBytes(), derive(vm.toString(), BACKUP_DESCRIPTION_INFO, BYTES));
    }

    /** The key that seals the VM's guest state at home. {@code docs/recovery.md} derives it with openssl. */
    public GuestStateKey guestStateKey(UUID vm) {
        return new GuestStateKey(vm, keyIdBytes(), derive(vm.toString(), GUEST_STATE_INFO, BYTES));
    }

    private byte[] printable(String salt, String info) {
        return HexFormat.of().formatHex(derive(salt, info, BYTES)).getBytes(US_ASCII);
    }

    private byte[] keyIdBytes() {
        return derive("", ID_INFO, ID_BYTES);
    }

    private byte[] derive(String salt, String info, int length) {
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(key, salt.getBytes(UTF_8), info.getBytes(UTF_8)));
        byte[] derived = new byte[length];
        hkdf.generateBytes(derived, 0, length);
        return derived;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProtectionKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return keyId().hashCode();
    }

    @Override
    public String toString() {
        return "ProtectionKey[" + keyId() + "]";
    }
}
