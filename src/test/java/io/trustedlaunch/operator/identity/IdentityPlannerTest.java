package io.trustedlaunch.operator.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.operator.identity.IdentityFacts.Progress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdentityPlannerTest {
    private static final String AGENT = "system:serviceaccount:trusted-launch:trusted-launch-agent";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final NodeCertificateAuthority AUTHORITY = NodeCertificateAuthority.create(
            PublishedAuthority.NODES, RANDOM, Instant.parse("2026-03-01T12:00:00Z"), Duration.ofDays(3650));
    private static final String REQUEST = NodeKeyPair.generate(RANDOM).certificateRequest(RANDOM);

    private final IdentityPlanner planner =
            new IdentityPlanner(new IdentitySettings("trusted-launch", Duration.ofDays(30)));

    @Test
    void anAgentsRequestIsApprovedAndThenIssued() {
        assertThat(planner.plan(facts().build())).isInstanceOf(IdentityStep.Approve.class);

        IdentityStep.Issue issue = (IdentityStep.Issue)
                planner.plan(facts().progress(Progress.APPROVED).build());
        assertThat(issue.subject().nodeName()).isEqualTo("host-a");
        assertThat(issue.purpose()).isEqualTo(CertificatePurpose.SEALING);
        assertThat(issue.lifetime()).isEqualTo(Duration.ofDays(30));
    }

    @Test
    void aRequestMayShortenTheLifetimeOnly() {
        assertThat(issued(facts().asked(Duration.ofMinutes(10))).lifetime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(issued(facts().asked(Duration.ofDays(900))).lifetime()).isEqualTo(Duration.ofDays(30));
    }

    @Test
    void requestsToOtherSignersAndAnsweredOnesAreLeftAlone() {
        assertThat(planner.plan(facts().signer("kubernetes.io/kubelet-serving").build()))
                .isInstanceOf(IdentityStep.Ignore.class);
        assertThat(planner.plan(facts().progress(Progress.ANSWERED).build())).isInstanceOf(IdentityStep.Ignore.class);
    }

    @Test
    void theAuthorityIsCreatedAndPublishedBeforeRequestsAreChecked() {
        assertThat(planner.plan(facts().authority(new AuthorityState.Absent<>()).build()))
                .isInstanceOf(IdentityStep.CreateAuthority.class);
        assertThat(planner.plan(facts().authority(new AuthorityState.Present<>(AUTHORITY, false))
                        .build()))
                .isInstanceOf(IdentityStep.PublishAuthority.class);
    }

    @Test
    void anUnusableAuthorityIsNotReplaced() {
        assertThat(planner.plan(facts().authority(new AuthorityState.Unusable<>("Secret x/y is not usable"))
                        .build()))
                .isEqualTo(new IdentityStep.Wait("Secret x/y is not usable"));
    }

    @Test
    void requestersOtherThanTheAgentAreDenied() {
        assertDenied(facts().username("system:serviceaccount:finance:trusted-launch-agent"), "only " + AGENT);
        assertDenied(facts().username("kubernetes-admin"), "only " + AGENT);
        assertDenied(facts().username(""), "only " + AGENT);
    }

    @Test
    void aTokenThatIsNotBoundToOneNodeIsDenied() {
        assertDenied(facts().nodeNames(List.of()), "not bound to a node");
        assertDenied(facts().nodeNames(List.of("host-a", "host-b")), "not bound to a node");
    }

    @Test
    void otherUsagesThanThePurposesAreDenied() {
        assertDenied(facts().usages(Set.of("client auth", "server auth")), "usages must be [key agreement]");
    }

    @Test
    void aRequestWithoutAProvenP256KeyIsDenied() {
        assertDenied(facts().request("no PEM"), "not PKCS#10");
    }

    @Test
    void aRequestThatAnAdministratorApprovedIsStillChecked() {
        IdentityStep step = planner.plan(
                facts().progress(Progress.APPROVED).username("kubernetes-admin").build());

        assertThat(step).isInstanceOf(IdentityStep.Fail.class);
    }

    @Test
    void theRequestOfANodeThatIsNotEnrolledWaitsForItsApproval() {
        IdentityStep approval = new IdentityStep.Wait(
                "node host-a is not enrolled: to let it run VMs, run kubectl tlvm node approve host-a");

        assertThat(planner.plan(facts().notEnrolled().build())).isEqualTo(approval);
        assertThat(planner.plan(
                        facts().notEnrolled().progress(Progress.APPROVED).build()))
                .as("its node was revoked meanwhile")
                .isEqualTo(approval);
    }

    /** The attacker has a node's token, and sends as many requests as it likes. */
    @Test
    void aNodeGetsNoMoreCertificatesThanItsRequestsHaveNames() {
        Set<String> names = new HashSet<>(CertificatePurpose.SEALING.requestNames("host-a"));
        IntStream.range(0, 10_000)
                .forEach(number -> names.add("trusted-launch-sealing-host-a-" + number + "-" + number % 7));
        names.addAll(CertificatePurpose.SEALING.requestNames("host-b"));
        names.addAll(CertificatePurpose.AGENT.requestNames("host-a"));

        assertThat(names.stream()
                        .filter(name -> planner.plan(facts().name(name).build()) instanceof IdentityStep.Approve))
                .containsExactlyInAnyOrderElementsOf(CertificatePurpose.SEALING.requestNames("host-a"));
        assertDenied(facts().name("x"), "trusted-launch-sealing-host-a-0 to trusted-launch-sealing-host-a-9");
    }

    private IdentityStep.Issue issued(FactsBuilder facts) {
        return (IdentityStep.Issue)
                planner.plan(facts.progress(Progress.APPROVED).build());
    }

    private void assertDenied(FactsBuilder facts, String why) {
        IdentityStep step = planner.plan(facts.build());
        assertThat(step).isInstanceOf(IdentityStep.Deny.class);
        assertThat(((IdentityStep.Deny) step).message()).contains(why);
    }

    private static FactsBuilder facts() {
        return new FactsBuilder();
    }

    /** A good request, of which one thing is changed. */
    private static final class FactsBuilder {
        private String name = "trusted-launch-sealing-host-a-0";
        private String signer = "trustedlaunch.io/node-sealing";
        private Progress progress = Progress.NEW;
        private String username = AGENT;
        private List<String> nodeNames = List.of("host-a");
        private String request = REQUEST;
        private Set<String> usages = Set.of("key agreement");
        private Optional<Duration> asked = Optional.empty();
        private boolean enrolled = true;
        private AuthorityState<NodeCertificateAuthority> authority = new AuthorityState.Present<>(AUTHORITY, true);

        FactsBuilder name(String value) {
            name = value;
            return this;
        }

        FactsBuilder signer(String value) {
            signer = value;
            return this;
        }

        FactsBuilder progress(Progress value) {
            progress = value;
            return this;
        }

        FactsBuilder username(String value) {
            username = value;
            return this;
        }

        FactsBuilder nodeNames(List<String> value) {
            nodeNames = value;
            return this;
        }

        FactsBuilder request(String value) {
            request = value;
            return this;
        }

        FactsBuilder usages(Set<String> value) {
            usages = value;
            return this;
        }

        FactsBuilder asked(Duration value) {
            asked = Optional.of(value);
            return this;
        }

        FactsBuilder notEnrolled() {
            enrolled = false;
            return this;
        }

        FactsBuilder authority(AuthorityState<NodeCertificateAuthority> value) {
            authority = value;
            return this;
        }

        IdentityFacts build() {
            return IdentityFactsBuilder.builder()
                    .name(name)
                    .signerName(signer)
                    .progress(progress)
                    .username(username)
                    .nodeNames(nodeNames)
                    .requestPem(request)
                    .usages(usages)
                    .requestedLifetime(asked)
                    .enrolled(enrolled)
                    .authority(authority)
                    .build();
        }
    }
}
