package io.trustedlaunch.agent.tpm;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Reads the endorsement key out of sealed TPM state, in a way that the guest cannot spoof: the key is made anew from
 * the endorsement seed, which no guest can set, after the endorsement hierarchy's authorization, which a guest can set,
 * was cleared. What a guest may have put at the key's usual handle is never looked at.
 *
 * <p>A TPM rewrites its state when it is started, so that the probe works on a copy in a private folder, and removes it.
 */
public final class EkProbe {
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
        Deadline deadline = Deadline.in(timeout);
        try (PrivateFolder folder =
                tools.privateFolder(privateRoot.resolve(names.get().toString()))) {
            folder.copyIn(tpmState, "tpm2-00.permall");
            try (SwtpmSession session = SwtpmSession.start(tools, folder, secret, deadline)) {
                return read(session);
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

    private static EndorsementKey read(SwtpmSession session) {
        session.demand("TPM2_ClearControl", TpmCommand.allowClear());
        session.demand("TPM2_Clear", TpmCommand.clear());
        TpmResponse key = session.demand("TPM2_CreatePrimary", TpmCommand.createEndorsementKey(EkTemplate.rsa2048()));
        return EndorsementKey.of(key.parameters(1).sized());
    }
}
