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
 * Reads the endorsement key out of sealed TPM state, in a way that the guest cannot spoof: the key is made anew from
 * the endorsement seed, which no guest can set, after the endorsement hierarchy's authorization, which a guest can set,
 * was cleared. What a guest may have put at the key's usual handle is never looked at.
 *
 * <p>A TPM rewrites its state when it is started, so that the probe works on a copy in a private folder, and removes it.
 */
public final class EkProbe {
    private static final String STATE = "tpm2-00.permall";

    private final SwtpmTools tools;
    private final Path privateRoot;
    private final Duration timeout;
    private final Supplier<UUID> names;

    /**
     * @param privateRoot where the copies go: in memory, such as below {@code /run}, and with a short path
     * @param names of the copies' folders
     */
    public EkProbe(SwtpmTools tools, Path privateRoot, Duration timeout, Supplier<UUID> names) {
        this.tools = tools;
        this.privateRoot = privateRoot;
        this.timeout = timeout;
        this.names = names;
    }

    /** Throws {@link TpmException}; the state itself is only read. */
    public EndorsementKey probe(Path tpmState, TpmSecret secret) {
        requireWhole(tpmState);
        return onCopy(copyOf(tpmState), secret, EkProbe::endorsementKey);
    }

    /** Of a state that is in no file. Throws {@link TpmException}. */
    public KnownTpm know(byte[] tpmState, TpmSecret secret) {
        return onCopy(
                folder -> folder.write(STATE, tpmState),
                secret,
                session -> new KnownTpm(endorsementKey(session), mark(session)));
    }

    /**
     * Whether the state is of that TPM, in a fraction of the time that {@link #probe} takes. Throws {@link TpmException};
     * the state itself is only read.
     */
    public boolean isOf(KnownTpm known, Path tpmState, TpmSecret secret) {
        requireWhole(tpmState);
        return onCopy(copyOf(tpmState), secret, EkProbe::mark).equals(known.mark());
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
                session.demand("TPM2_ClearControl", TpmCommand.allowClear());
                session.demand("TPM2_Clear", TpmCommand.clear());
                return reading.apply(session);
            }
        }
    }

    private static void requireWhole(Path tpmState) {
        boolean whole = Files.isRegularFile(tpmState, LinkOption.NOFOLLOW_LINKS)
                && tpmState.toFile().length() > 0;
        if (!whole) {
            throw new TpmException(new TpmFailure.StateMissing(tpmState));
        }
    }

    private static EndorsementKey endorsementKey(SwtpmSession session) {
        return EndorsementKey.of(publicArea(session, EkTemplate.rsa2048()));
    }

    private static String mark(SwtpmSession session) {
        return HexFormat.of().formatHex(publicArea(session, EkTemplate.eccP256()));
    }

    private static byte[] publicArea(SwtpmSession session, byte[] template) {
        TpmResponse key = session.demand("TPM2_CreatePrimary", TpmCommand.createEndorsementKey(template));
        return key.parameters(1).sized();
    }
}
