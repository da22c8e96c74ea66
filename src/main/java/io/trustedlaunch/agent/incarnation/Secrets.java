package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.GuestStateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/** What reached this node sealed, opened for the length of a step. */
record Secrets(EnvelopeOpener opener, String nodeName) {

    EnvelopeContent open(IncarnationFacts facts) {
        return open(facts.spec());
    }

    private EnvelopeContent open(VMIncarnationSpec spec) {
        String envelope = spec.envelope();
        if (envelope == null || envelope.isEmpty()) {
            throw new RefusedException(Reason.EnvelopeRefused, "the incarnation holds no envelope");
        }
        return opener.open(decode(envelope), new EnvelopeAddress(spec.vmRef().uid(), spec.epoch(), nodeName));
    }

    TpmSecret tpmSecret(EnvelopeContent content, UUID vm) {
        byte[] passphrase = content.protectionKey().tpmSecret(vm.toString());
        try {
            return TpmSecret.of(passphrase);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    TpmSecret tpmSecret(IncarnationFacts facts) {
        return tpmSecret(facts.spec(), facts.vm());
    }

    TpmSecret tpmSecret(VMIncarnationSpec spec, UUID vm) {
        return tpmSecret(open(spec), vm);
    }

    /** Closed by the caller. */
    GuestStateKey guestStateKey(IncarnationFacts facts) {
        return guestStateKey(facts.spec(), facts.vm());
    }

    /** Closed by the caller. */
    GuestStateKey guestStateKey(VMIncarnationSpec spec, UUID vm) {
        return open(spec).protectionKey().guestStateKey(vm);
    }

    private static byte[] decode(String envelope) {
        try {
            return Base64.getDecoder().decode(envelope);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.EnvelopeRefused, "the envelope is not base64", e);
        }
    }
}
