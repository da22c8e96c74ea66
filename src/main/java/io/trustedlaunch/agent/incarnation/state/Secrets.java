package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.GuestStateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/** The secrets in an incarnation's envelope, opened for the length of a step. */
public record Secrets(EnvelopeOpener<EnvelopeAddress, EnvelopeContent> opener, String nodeName) {

    public EnvelopeContent open(IncarnationFacts facts) {
        return open(facts.spec());
    }

    public EnvelopeContent open(VMIncarnationSpec spec) {
        String envelope = spec.envelope();
        if (envelope == null || envelope.isEmpty()) {
            throw new RefusedException(
                    Reason.EnvelopeRefused, "the incarnation has no envelope yet; check that the operator is running");
        }
        return opener.open(decode(envelope), new EnvelopeAddress(spec.vmRef().uid(), spec.epoch(), nodeName));
    }

    public TpmSecret tpmSecret(EnvelopeContent content, UUID vm) {
        byte[] passphrase = content.protectionKey().tpmSecret(vm.toString());
        try {
            return TpmSecret.of(passphrase);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    public TpmSecret tpmSecret(IncarnationFacts facts) {
        return tpmSecret(facts.spec(), facts.vm());
    }

    public TpmSecret tpmSecret(VMIncarnationSpec spec, UUID vm) {
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
            throw new RefusedException(
                    Reason.EnvelopeRefused,
                    "the envelope is not base64; remove spec.envelope of the VMIncarnation to have it sealed again",
                    e);
        }
    }
}
