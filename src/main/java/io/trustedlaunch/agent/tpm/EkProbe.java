package io.trustedlaunch.agent.tpm;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads the endorsement key from encrypted TPM state in a way that the guest cannot spoof: it clears the authorization
 * of the endorsement hierarchy, which a guest can set, and derives the key again from the endorsement seed, which no
 * guest can set. It ignores the key at the usual handle, which a guest can replace.
 *
 * <p>A TPM rewrites its state when it starts, so the probe works on a copy in a private folder and removes it.
 */
public final class EkProbe {
    private static final String STATE = "tpm2-00.permall";

    private final SwtpmTools tools;
    private final Path privateRoot;
    private final Duration timeout;
    private final Supplier<UUID> names;

    /**
     * @param privateRoot the parent of the copies' folders: in memory, such as below {@code /run}, with a short path
     * @param names for the copies' folders
     */
    public EkProbe(SwtpmTools tools, Path privateRoot, Duration timeout, Supplier<UUID> names) {
        this.tools = tools;
        this.privateRoot = privateRoot;
        this.timeout = timeout;
        this.names = names;
    }

    /** Does not change the state. Throws {@link TpmException}. */
    public EndorsementKey probe(Path tpmState, TpmSecret secret) {
        requirePresent(tpmState);
        return onCopy(copyOf(tpmState), secret, EkProbe::endorsementKey);
    }

    /** The fingerprint of state that is not in a file. Throws {@link TpmException}. */
    public TpmFingerprint fingerprint(byte[] tpmState, TpmSecret secret) {
        return onCopy(
                folder -> folder.write(STATE, tpmState),
                secret,
                session -> new TpmFingerprint(endorsementKey(session), eccKey(session)));
    }

    /**
     * Whether the state belongs to that TPM, in a fraction of the time of {@link #probe}. Does not change the state. Throws
     * {@link TpmException}.
     */
    public boolean matches(TpmFingerprint known, Path tpmState, TpmSecret secret) {
        requirePresent(tpmState);
        return onCopy(copyOf(tpmState), secret, EkProbe::eccKey).equals(known.eccKey());
    }

    private static Consumer<PrivateFolder> copyOf(Path tpmState) {
        return folder -> folder.copyIn(tpmState, STATE);
    }

    private <T> T onCopy(Consumer<PrivateFolder> state, TpmSecret secret, Function<SwtpmSession, T> reading) {
        Deadline deadline = Deadline.in(timeout);
        try (PrivateFolder folder =
                tools.privateFolder(privateRoot.resolve(names.get().toString()))) {
            state.accept(folder);
            try (SwtpmSession session = SwtpmSession.start(tools, folder, secret, deadline)) {
                clear(session);
                return reading.apply(session);
            }
        }
    }

    /** Of a TPM of which nothing else is needed. */
    static EndorsementKey endorsementKeyOfCleared(SwtpmSession session) {
        clear(session);
        return endorsementKey(session);
    }

    private static void clear(SwtpmSession session) {
        session.execute("TPM2_ClearControl", TpmCommand.allowClear());
        session.execute("TPM2_Clear", TpmCommand.clear());
    }

    private static void requirePresent(Path tpmState) {
        boolean present = Files.isRegularFile(tpmState, LinkOption.NOFOLLOW_LINKS)
                && tpmState.toFile().length() > 0;
        if (!present) {
            throw new TpmException(new TpmFailure.StateMissing(tpmState));
        }
    }

    private static EndorsementKey endorsementKey(SwtpmSession session) {
        return EndorsementKey.of(publicArea(session, EkTemplate.rsa2048()));
    }

    private static String eccKey(SwtpmSession session) {
        return HexFormat.of().formatHex(publicArea(session, EkTemplate.eccP256()));
    }

    private static byte[] publicArea(SwtpmSession session, byte[] template) {
        TpmResponse key = session.execute("TPM2_CreatePrimary", TpmCommand.createEndorsementKey(template));
        return key.parameters(1).sized();
    }
}
