package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/** Compares the VM and key that a message's identifier names with the given ones. */
final class SealLabel {
    private SealLabel() {}

    static Optional<Unsealing> difference(byte[] identifier, KeyEncryptionKey key) {
        ByteBuffer label = ByteBuffer.wrap(identifier);
        UUID vm = new UUID(label.getLong(), label.getLong());
        byte[] id = new byte[label.remaining()];
        label.get(id);
        String keyId = HexFormat.of().formatHex(id);
        if (!vm.equals(key.vm())) {
            return Optional.of(new Unsealing.Refused(
                    SealFault.OTHER_VM, "it was sealed for VM " + vm + ", and this is VM " + key.vm()));
        }
        return keyId.equals(key.keyId())
                ? Optional.empty()
                : Optional.of(new Unsealing.Refused(
                        SealFault.OTHER_KEY,
                        "it was sealed under key " + keyId + ", and the VM's key is " + key.keyId()));
    }
}
