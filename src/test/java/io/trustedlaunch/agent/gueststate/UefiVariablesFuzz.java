package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.trustedlaunch.testkit.SignatureListBytes;
import io.trustedlaunch.testkit.VariableStores;
import io.trustedlaunch.testkit.VariableStores.Name;
import java.util.Arrays;

/** Run by {@code bin/fuzz}: whatever firmware or guest wrote, it is read or nothing is known of it. */
class UefiVariablesFuzz {
    private static final byte[] STORE = VariableStores.set(
            VariableStores.set(VariableStores.enrolled("boot order"), Name.dbx, SignatureListBytes.hashes(3)),
            Name.db,
            SignatureListBytes.certificate(new byte[100]));
    private static final int LONGEST_LISTS = 2048;

    @FuzzTest
    void anyBytes(byte[] bytes) {
        read(bytes);
    }

    /** What the fuzzer makes is the variables of a store with valid headers. */
    @FuzzTest
    void variables(byte[] bytes) {
        byte[] file = STORE.clone();
        int length = Math.min(bytes.length, VariableStores.LOG - VariableStores.FIRST_VARIABLE);
        System.arraycopy(bytes, 0, file, VariableStores.FIRST_VARIABLE, length);
        read(file);
    }

    @FuzzTest
    void signatureLists(byte[] bytes) {
        byte[] lists = Arrays.copyOf(bytes, Math.min(bytes.length, LONGEST_LISTS));
        byte[] file = VariableStores.set(VariableStores.enrolled(), Name.db, lists);
        assertThat(SecureBootVariables.state(file)).isPresent();
        assertThat(SignatureLists.entries(bytes)).isBetween(0, bytes.length);
        assertThat(SignatureLists.microsoftYears(bytes)).isSorted();
    }

    private static void read(byte[] file) {
        SecureBootVariables.state(file)
                .ifPresent(state ->
                        assertThat(state.enabled() && state.setupMode()).isFalse());
        assertThat(VariableSuccession.breach(STORE, file)).isNotNull();
    }
}
