package io.trustedlaunch.gueststate;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.KeyWrappedMessage;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.testkit.SealedStates;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;

/** Two VMs, a VM's earlier and later state, and its key before and after it was exchanged. */
final class GuestStateFixture {
    static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    static final UUID OTHER_VM = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");
    static final GuestStateVersion VERSION = new GuestStateVersion(3L, 7L);
    static final GuestStateVersion OLDER_VERSION = new GuestStateVersion(3L, 6L);

    final SecureRandom random;
    final ProtectionKey protectionKey;
    final GuestStateKey key;
    final GuestStateKey keyOfOtherVm;
    final GuestStateKey otherKey;

    final GuestState state = state(VM, VERSION, 1);
    final byte[] sealed;
    final byte[] older;
    final byte[] ofOtherVm;
    final byte[] underOtherKey;

    GuestStateFixture() {
        this(new SecureRandom());
    }

    /** The same keys and files for the same seed. */
    static GuestStateFixture of(long seed) throws NoSuchAlgorithmException {
        SecureRandom repeatable = SecureRandom.getInstance("SHA1PRNG");
        repeatable.setSeed(seed);
        return new GuestStateFixture(repeatable);
    }

    private GuestStateFixture(SecureRandom random) {
        this.random = random;
        protectionKey = ProtectionKey.generate(random);
        key = protectionKey.guestStateKey(VM);
        keyOfOtherVm = protectionKey.guestStateKey(OTHER_VM);
        otherKey = ProtectionKey.generate(random).guestStateKey(VM);
        sealed = SealedGuestState.seal(state, key, random);
        older = SealedGuestState.seal(state(VM, OLDER_VERSION, 2), key, random);
        ofOtherVm = SealedGuestState.seal(state(OTHER_VM, VERSION, 3), keyOfOtherVm, random);
        underOtherKey = SealedGuestState.seal(state(VM, VERSION, 4), otherKey, random);
    }

    /** As the real ones are: a TPM's state that does not compress, and mostly erased flash. */
    static GuestState state(UUID vm, GuestStateVersion version, int seed) {
        Random content = new Random(seed);
        byte[] tpm = new byte[6000];
        content.nextBytes(tpm);
        byte[] written = new byte[300];
        content.nextBytes(written);
        byte[] variables = new byte[8 * 1024];
        Arrays.fill(variables, (byte) 0xff);
        System.arraycopy(written, 0, variables, 0, written.length);
        return SealedStates.state(vm, version, "5e".repeat(32), tpm, variables);
    }

    SealedGuestState.Opening open(byte[] file) {
        return SealedGuestState.open(file, VM, VERSION, key);
    }

    /** Opens any content in a message that verifies, as only a holder of the key can make one. */
    SealedGuestState.Opening openContent(byte[] content) {
        return open(KeyWrappedMessage.seal(content, key, random));
    }
}
