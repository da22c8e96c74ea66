package io.trustedlaunch.operator.seal;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateVerdict;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * To which nodes something may be sealed: those that are enrolled and have a valid sealing certificate. The results of the
 * verification are cached for a minute.
 */
public final class SealingCertificates {
    private static final Duration CACHED = Duration.ofMinutes(1);

    private final Supplier<NodeCertificateVerifier> verifier;
    private final InstantSource clock;
    private final Map<String, Checked> byNode = new HashMap<>();

    public SealingCertificates(Supplier<NodeCertificateVerifier> verifier, InstantSource clock) {
        this.verifier = verifier;
        this.clock = clock;
    }

    /** The certificate that is sealed to, or why nothing can be sealed to the node. */
    public Result<VerifiedCertificate> find(String node, Optional<ClusterNodeStatus> status) {
        if (!Enrolment.isEnrolled(status)) {
            return refused("it " + Enrolment.refusal(node));
        }
        return status.map(ClusterNodeStatus::sealingCertificate)
                .map(pem -> check(node, pem))
                .orElseGet(() ->
                        refused("its sealing certificate has not been issued yet: check that its agent is running"));
    }

    /** @throws NoRecipientException if nothing can be sealed to the node now */
    public VerifiedCertificate recipient(String node, Optional<ClusterNodeStatus> status) {
        return switch (find(node, status)) {
            case Result.Value(VerifiedCertificate certificate) -> certificate;
            case Result.Refused(Problem problem) ->
                throw new NoRecipientException("nothing can be sealed to node " + node + ": " + problem.message());
        };
    }

    private static Result<VerifiedCertificate> refused(String fault) {
        return new Result.Refused<>(new Problem(Reason.CertificatePending, fault));
    }

    private synchronized Result<VerifiedCertificate> check(String node, String pem) {
        Instant now = clock.instant();
        Checked known = byNode.get(node);
        if (known == null || !known.pem().equals(pem) || known.isOld(now)) {
            known = new Checked(pem, verify(node, pem, now), now);
            // Of nodes that are gone, for example.
            byNode.values().removeIf(checked -> checked.isOld(now));
            byNode.put(node, known);
        }
        return known.result();
    }

    private Result<VerifiedCertificate> verify(String node, String pem, Instant now) {
        return switch (verifier.get().verify(pem, node, CertificatePurpose.SEALING, now)) {
            case CertificateVerdict.Accepted accepted -> new Result.Value<>(accepted.certificate());
            case CertificateVerdict.Refused refused ->
                refused("its sealing certificate is not usable: " + refused.message()
                        + ": check that its agent is running, which renews it");
        };
    }

    synchronized Set<String> cached() {
        return Set.copyOf(byNode.keySet());
    }

    private record Checked(String pem, Result<VerifiedCertificate> result, Instant at) {
        boolean isOld(Instant now) {
            return RecordedTime.isOver(CACHED, at, now);
        }
    }
}
