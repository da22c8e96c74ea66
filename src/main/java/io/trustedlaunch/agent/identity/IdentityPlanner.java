package io.trustedlaunch.agent.identity;

import io.trustedlaunch.agent.identity.StoredIdentity.Certified;
import io.trustedlaunch.agent.identity.StoredIdentity.KeyOnly;
import io.trustedlaunch.agent.identity.StoredIdentity.NoKey;
import io.trustedlaunch.agent.identity.StoredIdentity.Unusable;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.custody.CertificateVerdict;
import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Plans the next step from the state of the files and the API server; pure. */
final class IdentityPlanner {
    /** Two requests for one key are this far apart, whatever the outcome of the first. */
    static final Duration RETRY = Duration.ofMinutes(5);

    private IdentityPlanner() {}

    static IdentityStep plan(IdentityFacts facts, Instant now) {
        return switch (facts.stored()) {
            case NoKey noKey -> new IdentityStep.MakeKey();
            case Unusable unusable -> new IdentityStep.Blocked(unusable.message());
            case KeyOnly keyOnly -> certify(facts, keyOnly.pair(), now);
            case Certified certified -> renewIfDue(facts, certified, now);
        };
    }

    /** Two thirds of the validity must have passed: the last third is left to repair a failing renewal. */
    static Instant renewalOf(X509Certificate certificate) {
        Instant start = certificate.getNotBefore().toInstant();
        Duration validity = Duration.between(start, certificate.getNotAfter().toInstant());
        return start.plus(validity.multipliedBy(2).dividedBy(3));
    }

    private static IdentityStep renewIfDue(IdentityFacts facts, Certified certified, Instant now) {
        boolean refused = facts.authority()
                .map(authority -> verdict(facts, authority, certified.certificate(), now) instanceof Refused)
                .orElse(false);
        Instant renewal = renewalOf(certified.certificate());
        return !refused && now.isBefore(renewal)
                ? new IdentityStep.Settled(renewal)
                : certify(facts, certified.pair(), now);
    }

    private static IdentityStep certify(IdentityFacts facts, NodeKeyPair pair, Instant now) {
        if (!facts.synced()) {
            return new IdentityStep.Wait("no response from the API server yet", now.plus(RETRY));
        }
        if (facts.newest().isEmpty()) {
            return new IdentityStep.Request(pair);
        }
        ObservedRequest newest = facts.newest().get();
        return switch (newest.outcome()) {
            case ObservedRequest.Pending pending ->
                new IdentityStep.Wait(
                        "certificate request " + newest.name() + " is pending: the operator has not answered it yet",
                        now.plus(RETRY));
            case ObservedRequest.Refused refused ->
                retry(newest, "certificate request " + newest.name() + " was refused: " + refused.message(), pair, now);
            case ObservedRequest.Issued issued -> accept(facts, newest, issued, pair, now);
        };
    }

    private static IdentityStep accept(
            IdentityFacts facts, ObservedRequest newest, ObservedRequest.Issued issued, NodeKeyPair pair, Instant now) {
        Optional<X509Certificate> certificate = parse(issued.certificatePem()).filter(pair::isCertifiedBy);
        if (facts.stored() instanceof Certified certified && certificate.equals(Optional.of(certified.certificate()))) {
            // The stored certificate, which is due for renewal or was refused.
            return new IdentityStep.Request(pair);
        }
        if (certificate.isEmpty()) {
            return retry(
                    newest,
                    "certificate request " + newest.name() + " has a certificate for another key or none",
                    pair,
                    now);
        }
        if (facts.authority().isEmpty()) {
            return new IdentityStep.Wait("the operator has not published its authority yet", now.plus(RETRY));
        }
        CertificateVerdict verdict = verdict(facts, facts.authority().get(), certificate.get(), now);
        return switch (verdict) {
            case Refused refused ->
                retry(newest, "certificate request " + newest.name() + ": " + refused.message(), pair, now);
            case Accepted accepted ->
                now.isBefore(renewalOf(certificate.get()))
                        ? new IdentityStep.Store(
                                certificate.get(), facts.authority().get())
                        : retry(
                                newest,
                                "certificate request " + newest.name() + " has a certificate that is due for renewal",
                                pair,
                                now);
        };
    }

    private static IdentityStep retry(ObservedRequest last, String message, NodeKeyPair pair, Instant now) {
        Duration left = RecordedTime.left(RETRY, last.since(), now);
        return left.isPositive() ? new IdentityStep.Wait(message, now.plus(left)) : new IdentityStep.Request(pair);
    }

    private static CertificateVerdict verdict(
            IdentityFacts facts, NodeCertificateVerifier authority, X509Certificate certificate, Instant now) {
        return authority.verify(certificate, facts.nodeName(), facts.purpose(), now);
    }

    private static Optional<X509Certificate> parse(String pem) {
        try {
            return Optional.of(Certificates.fromPem(pem));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
