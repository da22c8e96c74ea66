package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** TPMs whose state is their endorsement key, and what a guest stored in them; each that is made has another key. */
final class FakeTpms implements Tpms {
    private final FakeHypervisor hypervisor;
    private int made;

    FakeTpms(FakeHypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    /** The endorsement key of the TPM that was made as the n-th. */
    static String ek(int number) {
        return String.format("%064x", number);
    }

    static String state(String ek, String stored) {
        return ek + "\n" + stored;
    }

    @Override
    public void manufacture(WorkingCopy copy, TpmSecret secret) {
        if (!Files.exists(copy.tpmState())) {
            made++;
            hypervisor.putTpm(copy.vm(), state(ek(made), ""));
        }
    }

    @Override
    public void place(WorkingCopy copy, byte[] state) {
        hypervisor.putTpm(copy.vm(), new String(state, StandardCharsets.UTF_8));
    }

    @Override
    public Ek probe(WorkingCopy copy, TpmSecret secret) {
        String ek = read(copy).split("\n", -1)[0];
        return new Ek(ek, "public-area-of-" + ek);
    }

    /** What a guest stored in the TPM of a working copy. */
    static String stored(WorkingCopy copy) {
        return read(copy).split("\n", -1)[1];
    }

    private static String read(WorkingCopy copy) {
        try {
            return Files.readString(copy.tpmState());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int made() {
        return made;
    }
}
