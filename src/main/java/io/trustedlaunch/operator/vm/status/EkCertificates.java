package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.custody.EkSubject;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Certifies a VM's endorsement key once, when it goes on record, so that the certificate costs no write of its own. */
public final class EkCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(EkCertificates.class);

    /** A restored authority counts after that; what was certified until then is of the one before, as for older VMs. */
    private static final Duration KNOWN = Duration.ofMinutes(1);

    private final Supplier<EkCertificateAuthority> authority;
    private final InstantSource clock;
    private final SecureRandom random;
    private Optional<EkCertificateAuthority> known = Optional.empty();
    private Instant knownSince = Instant.EPOCH;

    /** @param authority throws IllegalStateException if there is no usable authority */
    public EkCertificates(Supplier<EkCertificateAuthority> authority, InstantSource clock, SecureRandom random) {
        this.authority = authority;
        this.clock = clock;
        this.random = random;
    }

    private synchronized EkCertificateAuthority authority() {
        Instant now = clock.instant();
        if (known.isEmpty() || RecordedTime.isOver(KNOWN, knownSince, now)) {
            known = Optional.of(authority.get());
            knownSince = now;
        }
        return known.get();
    }

    /** The status with a certificate if its key is proved and has none yet. */
    public TrustedLaunchVMStatus certify(VmIncarnations incarnations, TrustedLaunchVMStatus status) {
        VTpm tpm = status.vTPM();
        if (tpm == null || tpm.ekCertificate() != null || incarnations.vm().isBeingDeleted()) {
            return status;
        }
        return provedKey(incarnations)
                .filter(key -> key.digest().equals(tpm.ekDigest()))
                .flatMap(key -> issue(key, incarnations.vm()))
                .map(certificate -> withTpm(status, new VTpm(tpm.ekDigest(), certificate)))
                .orElse(status);
    }

    private static Optional<EkPublicArea> provedKey(VmIncarnations incarnations) {
        return switch (incarnations.ek()) {
            case EkReport.Proved proved -> Optional.of(proved.key());
            case EkReport.None none -> Optional.empty();
            case EkReport.DigestOnly digest -> Optional.empty();
            case EkReport.Outdated outdated -> Optional.empty();
            case EkReport.Contradictory contradictory -> Optional.empty();
        };
    }

    /** Without a usable authority the key goes on record without a certificate, which follows later. */
    private Optional<String> issue(EkPublicArea key, VmObject vm) {
        EkSubject subject = new EkSubject(vm.namespace(), vm.name(), vm.uid());
        try {
            return Optional.of(Certificates.toPem(authority().issue(key, subject, clock.instant(), random)));
        } catch (IllegalStateException e) {
            LOG.warn(
                    "No certificate for the endorsement key of {}/{} yet: {}",
                    subject.namespace(),
                    subject.name(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static TrustedLaunchVMStatus withTpm(TrustedLaunchVMStatus status, VTpm tpm) {
        return TrustedLaunchVMStatusBuilder.builder(status).vTPM(tpm).build();
    }
}
