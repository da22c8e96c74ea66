package io.trustedlaunch.gueststate;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.KeyWrappedMessage;
import io.trustedlaunch.custody.SealFault;
import io.trustedlaunch.custody.Unsealing;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * A guest state as a file: a ZIP in CMS under the VM's key. {@code docs/recovery.md} opens one by hand.
 *
 * <p>A file proves that a holder of the VM's key sealed it, not that it is the newest: its reader has to know that.
 */
public final class SealedGuestState {
    /** The largest files, not compressible, and room for what surrounds them. */
    public static final int MAX_BYTES =
            GuestState.MAX_TPM_BYTES + GuestState.MAX_VARIABLES_BYTES + 64 * 1024 + KeyWrappedMessage.OVERHEAD_BYTES;

    private SealedGuestState() {}

    /** The result of opening a file. */
    public sealed interface Opening {
        /** The state of the expected VM and version, whole. */
        record Opened(GuestState state) implements Opening {}

        /**
         * Nothing of it may be used.
         *
         * @param message names the file and its fault, and none of its content
         */
        record Refused(GuestStateFault fault, String message) implements Opening {}
    }

    /** @throws IllegalArgumentException if the key is another VM's */
    public static byte[] seal(GuestState state, GuestStateKey key, SecureRandom random) {
        if (!state.vm().equals(key.vm())) {
            throw new IllegalArgumentException(state + " cannot be sealed under " + key);
        }
        return KeyWrappedMessage.seal(GuestStateArchive.encode(state), key, random);
    }

    /**
     * Returns the state in a file if it is of this VM, under this key, and of the version in its name.
     *
     * @throws IllegalArgumentException if the key is another VM's
     */
    public static Opening open(byte[] file, UUID vm, GuestStateVersion named, GuestStateKey key) {
        if (!vm.equals(key.vm())) {
            throw new IllegalArgumentException("a state of VM " + vm + " cannot be opened with " + key);
        }
        if (file.length > MAX_BYTES) {
            return refused(
                    named, GuestStateFault.TOO_LARGE, "it has " + file.length + " bytes, the limit is " + MAX_BYTES);
        }
        return switch (KeyWrappedMessage.open(file, key)) {
            case Unsealing.Refused refused -> refused(named, faultOf(refused.fault()), refused.message());
            case Unsealing.Unsealed unsealed -> read(unsealed.content(), vm, named);
        };
    }

    private static Opening read(byte[] content, UUID vm, GuestStateVersion named) {
        GuestState state;
        try {
            state = GuestStateArchive.decode(content);
        } catch (ContentDamagedException e) {
            return refused(named, e.fault(), e.getMessage());
        }
        if (!state.vm().equals(vm)) {
            return refused(named, GuestStateFault.OTHER_VM, "its manifest is of VM " + state.vm());
        }
        if (!state.version().equals(named)) {
            return refused(
                    named,
                    GuestStateFault.NOT_WHAT_IT_IS_NAMED,
                    "it is " + GuestStateName.of(state.version()) + ", and was renamed");
        }
        return new Opening.Opened(state);
    }

    private static Opening refused(GuestStateVersion named, GuestStateFault fault, String clause) {
        return new Opening.Refused(fault, GuestStateName.of(named) + " cannot be used: " + clause);
    }

    private static GuestStateFault faultOf(SealFault fault) {
        return switch (fault) {
            case EMPTY -> GuestStateFault.EMPTY;
            case TRUNCATED -> GuestStateFault.TRUNCATED;
            case TRAILING_BYTES -> GuestStateFault.TRAILING_BYTES;
            case NOT_SEALED -> GuestStateFault.NOT_SEALED;
            case OTHER_VM -> GuestStateFault.OTHER_VM;
            case OTHER_KEY -> GuestStateFault.OTHER_KEY;
            case LABEL_ALTERED -> GuestStateFault.LABEL_ALTERED;
            case WRAPPED_KEY_ALTERED -> GuestStateFault.WRAPPED_KEY_ALTERED;
            case CONTENT_ALTERED -> GuestStateFault.CONTENT_ALTERED;
        };
    }
}
