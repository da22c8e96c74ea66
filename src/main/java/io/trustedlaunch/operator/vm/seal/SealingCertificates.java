package io.trustedlaunch.operator.vm.seal;

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

    /** Why nothing can be sealed to the node; empty if its certificate is usable. */
    public Optional<String> fault(String node, Optional<ClusterNodeStatus> status) {
        if (!Enrolment.isEnrolled(status)) {
            return Optional.of("it " + Enrolment.refusal(node));
        }
        Optional<String> pem = pem(status);
        if (pem.isEmpty()) {
            return Optional.of("its sealing certificate has not been issued yet: check that its agent is running");
        }
        return switch (check(node, pem.get())) {
            case CertificateVerdict.Accepted accepted -> Optional.empty();
            case CertificateVerdict.Refused refused ->
                Optional.of("its sealing certificate is not usable: " + refused.message()
                        + ": check that its agent is running, which renews it");
        };
    }

    /** The same, as a clause. */
    public String refusal(String node, Optional<ClusterNodeStatus> status) {
        return "nothing can be sealed to node " + node + ": "
                + fault(node, status).orElse("its certificate has changed just now");
    }

    /** The node as recipient; empty if it is not enrolled, or its certificate is not usable. */
    public Optional<VerifiedCertificate> recipient(String node, Optional<ClusterNodeStatus> status) {
        return pem(status.filter(known -> Enrolment.isEnrolled(status))).flatMap(pem -> switch (check(node, pem)) {
            case CertificateVerdict.Accepted accepted -> Optional.of(accepted.certificate());
            case CertificateVerdict.Refused refused -> Optional.empty();
        });
    }

    /** The identifier of the node's key; empty if the node cannot be a recipient. */
    public Optional<String> key(String node, Optional<ClusterNodeStatus> status) {
        return recipient(node, status).map(VerifiedCertificate::keyIdentifier);
    }

    private static Optional<String> pem(Optional<ClusterNodeStatus> status) {
        return status.map(ClusterNodeStatus::sealingCertificate);
    }

    private synchronized CertificateVerdict check(String node, String pem) {
        Instant now = clock.instant();
        Checked known = byNode.get(node);
        if (known == null || !known.pem().equals(pem) || !now.isBefore(known.until())) {
            CertificateVerdict verdict = verifier.get().verify(pem, node, CertificatePurpose.SEALING, now);
            known = new Checked(pem, verdict, now.plus(CACHED));
            // Of nodes that are gone, for example.
            byNode.values().removeIf(checked -> !now.isBefore(checked.until()));
            byNode.put(node, known);
        }
        return known.verdict();
    }

    synchronized Set<String> cached() {
        return Set.copyOf(byNode.keySet());
    }

    private record Checked(String pem, CertificateVerdict verdict, Instant until) {}
}
