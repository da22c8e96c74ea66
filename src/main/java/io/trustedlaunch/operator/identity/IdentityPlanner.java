package io.trustedlaunch.operator.identity;

import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.operator.identity.IdentityFacts.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Decides how a certificate request is answered: by its sender, never by the names in the request. */
final class IdentityPlanner {
    private final IdentitySettings settings;

    /** Each returns why the request must be refused, if it must. */
    private final List<BiFunction<IdentityFacts, CertificatePurpose, Optional<String>>> refusals = List.of(
            this::notFromAnAgent, this::notBoundToOneNode, this::otherName, this::otherUsages, this::notARequest);

    IdentityPlanner(IdentitySettings settings) {
        this.settings = settings;
    }

    IdentityStep plan(IdentityFacts facts) {
        Optional<CertificatePurpose> purpose = CertificatePurpose.ofSigner(facts.signerName());
        if (purpose.isEmpty() || facts.progress() == Progress.ANSWERED) {
            return new IdentityStep.Ignore();
        }
        return switch (facts.authority()) {
            case AuthorityState.Absent<NodeCertificateAuthority> absent ->
                new IdentityStep.CreateAuthority(purpose.get());
            case AuthorityState.Unusable<NodeCertificateAuthority> unusable ->
                new IdentityStep.Wait(unusable.message());
            case AuthorityState.Present<NodeCertificateAuthority> present ->
                present.published()
                        ? evaluate(facts, purpose.get(), present)
                        : new IdentityStep.PublishAuthority(purpose.get(), present.authority());
        };
    }

    private IdentityStep evaluate(
            IdentityFacts facts, CertificatePurpose purpose, AuthorityState.Present<NodeCertificateAuthority> present) {
        return refusals.stream()
                .flatMap(refusal -> refusal.apply(facts, purpose).stream())
                .findFirst()
                .map(message -> refuse(facts, message))
                .orElseGet(() -> grant(facts, purpose, present));
    }

    private static IdentityStep refuse(IdentityFacts facts, String message) {
        return facts.progress() == Progress.APPROVED ? new IdentityStep.Fail(message) : new IdentityStep.Deny(message);
    }

    private IdentityStep grant(
            IdentityFacts facts, CertificatePurpose purpose, AuthorityState.Present<NodeCertificateAuthority> present) {
        String nodeName = facts.nodeNames().getFirst();
        // Not denied: the request is answered once the node is approved.
        if (!facts.enrolled()) {
            return new IdentityStep.Wait("node " + nodeName + " " + Enrolment.refusal(nodeName));
        }
        if (facts.progress() == Progress.NEW) {
            return new IdentityStep.Approve("requested by the agent of node " + nodeName);
        }
        return new IdentityStep.Issue(
                present.authority(),
                CertificateRequest.parse(facts.requestPem()),
                new NodeSubject(nodeName),
                purpose,
                lifetime(facts));
    }

    private Duration lifetime(IdentityFacts facts) {
        return facts.requestedLifetime()
                .filter(asked -> asked.compareTo(settings.certificateLifetime()) < 0)
                .orElse(settings.certificateLifetime());
    }

    private Optional<String> notFromAnAgent(IdentityFacts facts, CertificatePurpose purpose) {
        return facts.username().equals(settings.agentUsername())
                ? Optional.empty()
                : Optional.of(
                        "only " + settings.agentUsername() + " may request this certificate, not " + facts.username());
    }

    private Optional<String> notBoundToOneNode(IdentityFacts facts, CertificatePurpose purpose) {
        return facts.nodeNames().size() == 1
                ? Optional.empty()
                : Optional.of("the requester's token is not bound to a node, so its node is not known");
    }

    /** A node thus has few requests at a time. */
    private Optional<String> otherName(IdentityFacts facts, CertificatePurpose purpose) {
        List<String> names = purpose.requestNames(facts.nodeNames().getFirst());
        return names.contains(facts.name())
                ? Optional.empty()
                : Optional.of("a request of this node for this signer has a name from " + names.getFirst() + " to "
                        + names.getLast());
    }

    private Optional<String> otherUsages(IdentityFacts facts, CertificatePurpose purpose) {
        return facts.usages().equals(Set.copyOf(purpose.usages()))
                ? Optional.empty()
                : Optional.of("usages must be " + purpose.usages() + " for this signer");
    }

    private Optional<String> notARequest(IdentityFacts facts, CertificatePurpose purpose) {
        try {
            CertificateRequest.parse(facts.requestPem());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }
}
