package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.incarnation.state.SwtpmTpms;
import io.trustedlaunch.agent.incarnation.state.Tpms;
import io.trustedlaunch.agent.tpm.EkProbe;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.agent.tpm.SwtpmTools;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;

/**
 * TPMs whose state is their endorsement key, and what a guest stored in them; each that is made has another key. They are put
 * in their place as real ones are.
 */
final class FakeTpms implements Tpms {
    private final Tpms real;
    private int made;
    private int probed;
    private boolean failing;

    FakeTpms() {
        SwtpmTools none = new SwtpmTools("no-swtpm", "no-swtpm-setup", System.getProperty("user.name"));
        EkProbe noProbe = new EkProbe(none, Path.of("nowhere"), Duration.ZERO, UUID::randomUUID);
        real = new SwtpmTpms(new SwtpmFactory(none, noProbe, Duration.ZERO), noProbe);
    }

    /** The endorsement key of the TPM that was made as the n-th. */
    static String ek(int number) {
        return String.format("%064x", number);
    }

    static String state(String ek, String stored) {
        return stateUnder("the VM's key", ek, stored);
    }

    /** As swtpm's, a state has a check value that only its key makes. */
    static String stateUnder(String key, String ek, String stored) {
        return ek + "\n" + stored + "\n" + Objects.hash(key, ek, stored);
    }

    @Override
    public void manufacture(WorkingCopy copy, TpmSecret secret) {
        if (Files.exists(folder(copy))) {
            probe(copy, secret);
            return;
        }
        made++;
        place(copy, state(ek(made), "").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void place(WorkingCopy copy, byte[] state) {
        real.place(copy, state);
    }

    private static Path folder(WorkingCopy copy) {
        return copy.tpmState().getParent().getParent();
    }

    /** swtpm is not there, or does not answer in time. */
    void fail(boolean now) {
        failing = now;
    }

    @Override
    public Ek probe(WorkingCopy copy, TpmSecret secret) {
        probed++;
        return key(read(copy));
    }

    @Override
    public Known know(byte[] state, TpmSecret secret) {
        Ek ek = key(new String(state, StandardCharsets.UTF_8));
        return new Known() {
            @Override
            public Ek ek() {
                return ek;
            }

            @Override
            public boolean isIn(WorkingCopy copy, TpmSecret secret) {
                return key(read(copy)).equals(ek);
            }
        };
    }

    private Ek key(String state) {
        if (failing) {
            throw new RefusedException(Reason.StartFailed, "swtpm did not answer");
        }
        String[] parts = state.split("\n", -1);
        if (parts.length != 3 || !state.equals(state(parts[0], parts[1]))) {
            throw new RefusedException(Reason.TpmStateDamaged, "the state does not open with the VM's key");
        }
        String ek = parts[0];
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

    /** How often a key was made anew from a working copy. */
    int probed() {
        return probed;
    }

    int made() {
        return made;
    }
}
