package io.trustedlaunch.agent.identity;

import io.trustedlaunch.agent.identity.StoredIdentity.Certified;
import io.trustedlaunch.agent.identity.StoredIdentity.KeyOnly;
import io.trustedlaunch.agent.identity.StoredIdentity.NoKey;
import io.trustedlaunch.agent.identity.StoredIdentity.Unusable;
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

/** From what is on disk and at the API server to the next step; pure. */
final class IdentityPlanner {
    /** Between two requests for one key, whatever became of the first. */
    static final Duration RETRY = Duration.ofMinutes(5);

    private IdentityPlanner() {}

    static IdentityStep plan(IdentityFacts facts, Instant now) {
        return switch (facts.stored()) {
            case NoKey noKey -> new IdentityStep.MakeKey();
            case Unusable unusable -> new IdentityStep.Blocked(unusable.message());
            case KeyOnly keyOnly -> certify(facts, keyOnly.pair(), now);
            case Certified certified -> keep(facts, certified, now);
        };
    }

    /** Two thirds of a certificate's life: a third is left to mend what keeps a new one from coming. */
    static Instant renewalOf(X509Certificate certificate) {
        Instant start = certificate.getNotBefore().toInstant();
        Duration incarnation = Duration.between(start, certificate.getNotAfter().toInstant());
        return start.plus(incarnation.multipliedBy(2).dividedBy(3));
    }

    private static IdentityStep keep(IdentityFacts facts, Certified certified, Instant now) {
        boolean doubted = facts.authority()
                .map(authority -> verdict(facts, authority, certified.certificate(), now) instanceof Refused)
                .orElse(false);
        Instant renewal = renewalOf(certified.certificate());
        return !doubted && now.isBefore(renewal)
                ? new IdentityStep.Settled(renewal)
                : certify(facts, certified.pair(), now);
    }

    private static IdentityStep certify(IdentityFacts facts, NodeKeyPair pair, Instant now) {
        if (!facts.synced()) {
            return new IdentityStep.Wait("the API server has not answered yet", now.plus(RETRY));
        }
        if (facts.newest().isEmpty()) {
            return new IdentityStep.Request(pair);
        }
        SeenRequest newest = facts.newest().get();
        return switch (newest.outcome()) {
            case SeenRequest.Pending pending ->
                new IdentityStep.Wait("certificate request " + newest.name() + " has no answer yet", now.plus(RETRY));
            case SeenRequest.Refused refused ->
                again(newest, "certificate request " + newest.name() + " was refused: " + refused.message(), pair, now);
            case SeenRequest.Issued issued -> take(facts, newest, issued, pair, now);
        };
    }

    private static IdentityStep take(
            IdentityFacts facts, SeenRequest newest, SeenRequest.Issued issued, NodeKeyPair pair, Instant now) {
        Optional<X509Certificate> certificate = parse(issued.certificatePem()).filter(pair::isCertifiedBy);
        if (facts.stored() instanceof Certified certified && certificate.equals(Optional.of(certified.certificate()))) {
            // It was good once, and no longer is: this is not the answer to wait for.
            return new IdentityStep.Request(pair);
        }
        if (certificate.isEmpty()) {
            return again(newest, newest.name() + " brought no certificate of this node's key", pair, now);
        }
        if (facts.authority().isEmpty()) {
            return new IdentityStep.Wait("the operator has not published its authority yet", now.plus(RETRY));
        }
        CertificateVerdict verdict = verdict(facts, facts.authority().get(), certificate.get(), now);
        return switch (verdict) {
            case Refused refused -> again(newest, newest.name() + ": " + refused.message(), pair, now);
            case Accepted accepted ->
                now.isBefore(renewalOf(certificate.get()))
                        ? new IdentityStep.Store(
                                certificate.get(), facts.authority().get())
                        : again(newest, newest.name() + " brought a certificate that is to be renewed", pair, now);
        };
    }

    private static IdentityStep again(SeenRequest last, String why, NodeKeyPair pair, Instant now) {
        Instant retry = last.firstSeen().plus(RETRY);
        return now.isBefore(retry) ? new IdentityStep.Wait(why, retry) : new IdentityStep.Request(pair);
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
