package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the certificate requests of the agents. */
@ControllerConfiguration(
        name = "identity",
        triggerReconcilerOnAllEvents = true,
        // Requests have no generation that changes with an approval.
        generationAwareEventProcessing = false,
        informer = @Informer(genericFilter = OwnSigners.class),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class IdentityReconciler implements Reconciler<CertificateSigningRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityReconciler.class);

    /** The authority's Secret changes without an event. */
    private static final Duration WHILE_WAITING = Duration.ofSeconds(30);

    private static final String BY_NODE = "by-node";

    private static final Duration IMMEDIATELY = Duration.ofMillis(1);

    private final IdentityGatherer gatherer;
    private final IdentityPlanner planner;
    private final NodeAuthorities authorities;
    private final IdentityWriter writer;
    private final InstantSource clock;
    private final SecureRandom random;
    private WatchCache<ClusterNode> nodes;

    public IdentityReconciler(
            IdentitySettings settings,
            NodeAuthorities authorities,
            IdentityWriter writer,
            InstantSource clock,
            SecureRandom random) {
        this.gatherer = new IdentityGatherer(authorities);
        this.planner = new IdentityPlanner(settings);
        this.authorities = authorities;
        this.writer = writer;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public List<EventSource<?, CertificateSigningRequest>> prepareEventSources(
            EventSourceContext<CertificateSigningRequest> context) {
        IndexerResourceCache<CertificateSigningRequest> requests = context.getPrimaryCache();
        requests.addIndexer(BY_NODE, IdentityGatherer::nodeNames);
        Watches<CertificateSigningRequest> watches = new Watches<>(context);
        // A request may wait for its ClusterNode, for the enrolment, or for a correct address in it.
        nodes = watches.of(ClusterNode.class)
                .onChangeOf(node -> IdentityGatherer.isEnrolled(Optional.of(node)))
                .triggersEach(
                        node -> requests.byIndex(BY_NODE, node.getMetadata().getName()));
        return watches.all();
    }

    @Override
    public UpdateControl<CertificateSigningRequest> reconcile(
            CertificateSigningRequest request, Context<CertificateSigningRequest> context) {
        if (Reconciliation.isGone(request, context)) {
            return UpdateControl.noUpdate();
        }
        Optional<ClusterNode> node =
                IdentityGatherer.nodeNames(request).stream().findFirst().flatMap(nodes::get);
        return carryOut(planner.plan(gatherer.gather(request, node)), request);
    }

    private UpdateControl<CertificateSigningRequest> carryOut(IdentityStep step, CertificateSigningRequest request) {
        String name = request.getMetadata().getName();
        switch (step) {
            case IdentityStep.Ignore ignore -> {}
            case IdentityStep.Wait wait -> {
                LOG.info("Certificate request {} is waiting: {}", name, wait.message());
                return UpdateControl.<CertificateSigningRequest>noUpdate().rescheduleAfter(WHILE_WAITING);
            }
            case IdentityStep.CreateAuthority create -> {
                authorities.of(create.purpose()).create();
                return UpdateControl.<CertificateSigningRequest>noUpdate().rescheduleAfter(IMMEDIATELY);
            }
            case IdentityStep.PublishAuthority publish -> {
                authorities.of(publish.purpose()).publish(publish.authority());
                return UpdateControl.<CertificateSigningRequest>noUpdate().rescheduleAfter(IMMEDIATELY);
            }
            case IdentityStep.Approve approve ->
                writer.replaceApproval(IdentityStatus.approved(request, approve.message()));
            case IdentityStep.Issue issue -> {
                LOG.info(
                        "Issuing the {} certificate of node {}",
                        issue.purpose().label(),
                        issue.subject().nodeName());
                writer.replaceStatus(IdentityStatus.issued(request, sign(issue)));
            }
            case IdentityStep.Deny deny -> {
                LOG.warn("Certificate request {} denied: {}", name, deny.message());
                writer.replaceApproval(IdentityStatus.denied(request, deny.message()));
            }
            case IdentityStep.Fail fail -> {
                LOG.warn("Certificate request {} failed: {}", name, fail.message());
                writer.replaceStatus(IdentityStatus.failed(request, fail.message()));
            }
        }
        return UpdateControl.noUpdate();
    }

    private X509Certificate sign(IdentityStep.Issue issue) {
        return issue.authority()
                .issue(issue.request(), issue.subject(), issue.purpose(), clock.instant(), issue.lifetime(), random);
    }
}
