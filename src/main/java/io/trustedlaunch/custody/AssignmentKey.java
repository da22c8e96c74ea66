package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Proves that the operator assigned an incarnation of a VM to a node, and whether to start the VM or to take over its running
 * guest from which epoch. An agent cannot make such a proof, and that of another node is worth nothing to it, so proofs need
 * not be kept secret.
 */
public final class AssignmentKey {
    private static final Pattern FORM = Pattern.compile("(?:([1-9][0-9]{0,17})\\.)?([0-9a-f]{64})");

    private final ProofKey key;

    /** @param source the epoch whose running guest it takes over; empty: it starts the VM */
    public record Assignment(Optional<Long> source) {}

    private AssignmentKey(ProofKey key) {
        this.key = key;
    }

    /** The same for the same secret, so that it is restored with the secret. */
    public static AssignmentKey derivedFrom(byte[] secret) {
        return new AssignmentKey(new ProofKey(secret, "assignment"));
    }

    /**
     * 64 hexadecimal digits; of an incarnation that takes over a running guest, after the epoch of its source and a dot.
     *
     * @param source the epoch whose guest it takes over; empty: it starts the VM
     */
    public String prove(String vmUid, long epoch, String node, Optional<Long> source) {
        return source.map(of -> of + ".").orElse("") + key.prove(message(vmUid, epoch, node, source));
    }

    /**
     * @param proof as the node has reported it, of any form
     * @return what was assigned; empty: nothing was
     */
    public Optional<Assignment> proved(String vmUid, long epoch, String node, String proof) {
        Matcher form = FORM.matcher(proof);
        if (!form.matches()) {
            return Optional.empty();
        }
        Optional<Long> source = Optional.ofNullable(form.group(1)).map(Long::valueOf);
        return key.hasProved(message(vmUid, epoch, node, source), form.group(2))
                ? Optional.of(new Assignment(source))
                : Optional.empty();
    }

    /** The lengths are in it, so that no two assignments have the same message. No epoch is 0. */
    private static byte[] message(String vmUid, long epoch, String node, Optional<Long> source) {
        byte[] vm = vmUid.getBytes(UTF_8);
        byte[] name = node.getBytes(UTF_8);
        return ByteBuffer.allocate(Long.BYTES + Long.BYTES + Integer.BYTES + vm.length + name.length)
                .putLong(epoch)
                .putLong(source.orElse(0L))
                .putInt(vm.length)
                .put(vm)
                .put(name)
                .array();
    }
}
