package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.tpm.EkProbe;
import io.trustedlaunch.agent.tpm.EndorsementKey;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.agent.tpm.TpmException;
import io.trustedlaunch.agent.tpm.TpmFailure;
import io.trustedlaunch.agent.tpm.TpmFingerprint;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.files.NoSpace;

/** TPMs made and read with swtpm. */
public record SwtpmTpms(SwtpmFactory factory, EkProbe prober) implements Tpms {
    @Override
    public void manufacture(WorkingCopy copy, TpmSecret secret) {
        try {
            factory.manufacture(copy.vm(), copy.tpmState().getParent().getParent(), secret);
        } catch (TpmException e) {
            throw refused(e);
        }
    }

    @Override
    public void place(WorkingCopy copy, byte[] state) {
        try {
            factory.place(state, copy.tpmState().getParent().getParent());
        } catch (TpmException e) {
            throw refused(e);
        }
    }

    @Override
    public Ek probe(WorkingCopy copy, TpmSecret secret) {
        try {
            return ek(prober.probe(copy.tpmState(), secret));
        } catch (TpmException e) {
            throw refused(e);
        }
    }

    @Override
    public Known know(byte[] state, TpmSecret secret) {
        try {
            return new KnownBySwtpm(prober, prober.fingerprint(state, secret));
        } catch (TpmException e) {
            throw refused(e);
        }
    }

    private record KnownBySwtpm(EkProbe prober, TpmFingerprint tpm) implements Known {
        @Override
        public Ek ek() {
            return SwtpmTpms.ek(tpm.key());
        }

        @Override
        public boolean isIn(WorkingCopy copy, TpmSecret secret) {
            try {
                return prober.matches(tpm, copy.tpmState(), secret);
            } catch (TpmException e) {
                throw refused(e);
            }
        }
    }

    private static Ek ek(EndorsementKey key) {
        EkPublicArea area = key.publicArea();
        return new Ek(area.digest(), area.toBase64());
    }

    private static RefusedException refused(TpmException e) {
        if (NoSpace.isCauseOf(e)) {
            return new RefusedException(Reason.NoSpace, e.getMessage() + "; free or add space", e);
        }
        Reason reason = reason(e.failure());
        String nextStep = reason == Reason.StartFailed ? "; check swtpm on this node" : "; restore the VM's TPM state";
        return new RefusedException(reason, e.getMessage() + nextStep, e);
    }

    private static Reason reason(TpmFailure failure) {
        return switch (failure) {
            case TpmFailure.StateMissing missing -> Reason.TpmStateMissing;
            case TpmFailure.WrongKey wrongKey -> Reason.TpmStateDamaged;
            case TpmFailure.Damaged damaged -> Reason.TpmStateDamaged;
            case TpmFailure.ProtocolBroken broken -> Reason.TpmStateDamaged;
            case TpmFailure.CommandRefused refused -> Reason.TpmStateDamaged;
            case TpmFailure.TimedOut timedOut -> Reason.StartFailed;
            case TpmFailure.ToolFailed failed -> Reason.StartFailed;
        };
    }
}
