package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * Proves that the operator assigned an incarnation of a VM to a node. An agent cannot make such a proof, and that of
 * another node is worth nothing to it, so proofs need not be kept secret.
 */
public final class AssignmentKey {
    private final ProofKey key;

    private AssignmentKey(ProofKey key) {
        this.key = key;
    }

    /** The same for the same secret, so that it is restored with the secret. */
    public static AssignmentKey derivedFrom(byte[] secret) {
        return new AssignmentKey(new ProofKey(secret, "assignment"));
    }

    /** 64 hexadecimal digits. */
    public String prove(String vmUid, long epoch, String node) {
        return key.prove(message(vmUid, epoch, node));
    }

    /** @param proof as the node has reported it, of any form */
    public boolean hasProved(String vmUid, long epoch, String node, String proof) {
        return key.hasProved(message(vmUid, epoch, node), proof);
    }

    /** The lengths are in it, so that no two assignments have the same message. */
    private static byte[] message(String vmUid, long epoch, String node) {
        byte[] vm = vmUid.getBytes(UTF_8);
        byte[] name = node.getBytes(UTF_8);
        return ByteBuffer.allocate(Long.BYTES + Integer.BYTES + vm.length + name.length)
                .putLong(epoch)
                .putInt(vm.length)
                .put(vm)
                .put(name)
                .array();
    }
}
