package io.trustedlaunch.agent.tpm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads the registers of a TPM from the state that a migration would send: a swtpm of its own, in a private folder in memory, goes
 * on from there as the target of a migration does, and is ended. The TPM of the guest notices nothing.
 */
public final class RegisterProbe {
    /** TPM_RC_INITIALIZE (TPM 2.0 Part 2): no TPM2_Startup since the machine was switched on or reset. */
    private static final int NOT_STARTED = 0x100;

    private final SwtpmTools tools;
    private final Path privateRoot;
    private final Duration timeout;
    private final Supplier<UUID> names;

    /**
     * @param privateRoot as of {@link EkProbe}
     * @param names for the folders
     */
    public RegisterProbe(SwtpmTools tools, Path privateRoot, Duration timeout, Supplier<UUID> names) {
        this.tools = tools;
        this.privateRoot = privateRoot;
        this.timeout = timeout;
        this.names = names;
    }

    /** Empty before the firmware has started the TPM. Throws {@link TpmException}, also if the state is encrypted with another secret. */
    public Optional<TpmRegisters> read(VtpmBlobs blobs, TpmSecret secret) {
        return onCopy(
                blobs, secret, session -> isStarted(session) ? Optional.of(registers(session)) : Optional.empty());
    }

    /**
     * The endorsement key of the same TPM, in a way that the guest cannot spoof, as {@link EkProbe} does. The TPM is started anew for it:
     * the firmware has given the one that runs a password for its platform, and no other TPM. Throws {@link TpmException}.
     */
    public EndorsementKey key(VtpmBlobs blobs, TpmSecret secret) {
        return onCopy(blobs.switchedOff(), secret, session -> {
            session.execute("TPM2_Startup", TpmCommand.startUp());
            return EkProbe.endorsementKeyOfCleared(session);
        });
    }

    private <T> T onCopy(VtpmBlobs blobs, TpmSecret secret, Function<SwtpmSession, T> reading) {
        Deadline deadline = Deadline.in(timeout);
        try (PrivateFolder folder =
                        tools.privateFolder(privateRoot.resolve(names.get().toString()));
                SwtpmSession session = SwtpmSession.resume(tools, folder, blobs, secret, deadline)) {
            return reading.apply(session);
        }
    }

    private static boolean isStarted(SwtpmSession session) {
        return session.exchange(TpmCommand.readRegister(0)).code() != NOT_STARTED;
    }

    private static TpmRegisters registers(SwtpmSession session) {
        List<String> sha256 = new ArrayList<>();
        for (int pcr = 0; pcr < TpmRegisters.COUNT; pcr++) {
            sha256.add(HexFormat.of().formatHex(register(session, pcr)));
        }
        // TPMS_TIME_INFO: time, then TPMS_CLOCK_INFO with the clock before the counters.
        TpmReader time =
                session.execute("TPM2_ReadClock", TpmCommand.readClock()).parameters(0);
        time.raw(2 * Long.BYTES);
        long resets = Integer.toUnsignedLong(time.u32());
        long restarts = Integer.toUnsignedLong(time.u32());
        return new TpmRegisters(sha256, resets, restarts);
    }

    private static byte[] register(SwtpmSession session, int pcr) {
        TpmReader answer =
                session.execute("TPM2_PCR_Read", TpmCommand.readRegister(pcr)).parameters(0);
        // pcrUpdateCounter, then the TPML_PCR_SELECTION of what was read.
        answer.u32();
        for (int bank = answer.u32(); bank > 0; bank--) {
            answer.u16();
            answer.raw(answer.raw(1)[0]);
        }
        if (answer.u32() != 1) {
            throw new TpmException(new TpmFailure.ProtocolBroken("the TPM has no SHA-256 register " + pcr));
        }
        return answer.sized();
    }
}
