package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.custody.EkPublicArea;
import java.util.Optional;

/** The report of an incarnation's agent on the TPM's endorsement key. */
public sealed interface EkReport {
    /** Nothing yet, or nothing that is needed. */
    record None() implements EkReport {}

    /** All that an earlier version of the agent reports; it proves no key, so none is certified. */
    record DigestOnly() implements EkReport {}

    /** The digest is of this key. */
    record Proved(EkPublicArea key) implements EkReport {}

    /**
     * Reported before a first start to an earlier leader: the API server's data may have been restored since, and the TPM
     * made anew. The agent reports again.
     */
    record Outdated() implements EkReport {}

    /** The digest does not match the public area, or the public area is no endorsement key. */
    record Contradictory(String why) implements EkReport {}

    /** Whether what was reported may become the VM's endorsement key, which never changes (I3). */
    default boolean mayGoOnRecord() {
        return switch (this) {
            case None none -> true;
            case DigestOnly digestOnly -> true;
            case Proved proved -> true;
            case Outdated outdated -> false;
            case Contradictory contradictory -> false;
        };
    }

    /**
     * Tests the key, which costs as much as to certify it; nothing needs it once there is a certificate.
     *
     * @param leader identity that the report must answer as long as the guest of a first start has not run
     */
    static EkReport of(VmObject vm, Optional<Incarnation> current, String leader) {
        boolean certified = vm.status()
                .map(TrustedLaunchVMStatus::vTPM)
                .map(TrustedLaunchVMStatus.VTpm::ekCertificate)
                .isPresent();
        if (certified) {
            return new None();
        }
        boolean isOutdated = current.filter(incarnation -> incarnation.isFirstStart()
                        && incarnation.phase() == VMIncarnationStatus.Phase.Prepared
                        && !incarnation.answers(leader))
                .isPresent();
        return isOutdated ? new Outdated() : of(current.flatMap(Incarnation::status));
    }

    private static EkReport of(Optional<VMIncarnationStatus> status) {
        Optional<String> digest = status.map(VMIncarnationStatus::ekDigest);
        Optional<String> area = status.map(VMIncarnationStatus::ekPublic);
        if (area.isEmpty()) {
            return digest.isEmpty() ? new None() : new DigestOnly();
        }
        try {
            EkPublicArea key = EkPublicArea.fromBase64(area.get());
            return digest.equals(Optional.of(key.digest()))
                    ? new Proved(key)
                    : new Contradictory("the reported public area has the digest " + key.digest()
                            + ", but the reported digest is " + digest.orElse("missing"));
        } catch (IllegalArgumentException e) {
            return new Contradictory("the reported public area cannot be read: " + e.getMessage());
        }
    }
}
