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
import java.util.Optional;
import java.util.UUID;

/**
 * The state of such a TPM is its endorsement key, which no other TPM has, and what a guest stored. States are placed by
 * the real code.
 */
public final class FakeTpms implements Tpms {
    /** swtpm is not there, or does not answer in time. */
    boolean failing;

    private final Tpms real;
    private final Keys keys;
    private int made;
    private int probed;

    /** The endorsement keys of TPMs. */
    public interface Keys {
        /** That of another TPM, made on this host for that VM. */
        String make(UUID vm);

        String publicAreaOf(String digest);
    }

    FakeTpms() {
        this(new NumberedKeys());
    }

    public FakeTpms(Keys keys) {
        this.keys = keys;
        SwtpmTools none = new SwtpmTools("no-swtpm", "no-swtpm-setup", Optional.of(System.getProperty("user.name")));
        EkProbe noProbe = new EkProbe(none, Path.of("nowhere"), Duration.ZERO, UUID::randomUUID);
        real = new SwtpmTpms(new SwtpmFactory(none, noProbe, Duration.ZERO), noProbe);
    }

    private static final class NumberedKeys implements Keys {
        private int made;

        @Override
        public String make(UUID vm) {
            return ek(++made);
        }

        @Override
        public String publicAreaOf(String digest) {
            return "public-area-of-" + digest;
        }
    }

    /** The endorsement key of the first TPM, of the second, and so on. */
    static String ek(int number) {
        return String.format("%064x", number);
    }

    public static String state(String ek, String stored) {
        return stateUnder("the VM's key", ek, stored);
    }

    /** Like swtpm's, a state has a check value that depends on its key. */
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
        place(copy, state(keys.make(copy.vm()), "").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void place(WorkingCopy copy, byte[] state) {
        real.place(copy, state);
    }

    private static Path folder(WorkingCopy copy) {
        return copy.tpmState().getParent().getParent();
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
        return new Ek(ek, keys.publicAreaOf(ek));
    }

    /** The content that a guest stored in the TPM of a working copy. */
    public static String stored(WorkingCopy copy) {
        return read(copy).split("\n", -1)[1];
    }

    private static String read(WorkingCopy copy) {
        try {
            return Files.readString(copy.tpmState());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often a key was computed from a working copy. */
    int probed() {
        return probed;
    }

    public int made() {
        return made;
    }
}
