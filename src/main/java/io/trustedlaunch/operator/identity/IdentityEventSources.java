package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.ClusterNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Events of a ClusterNode trigger the requests of its node, which may wait for it, for its enrolment, or for a correct address
 * in it.
 */
final class IdentityEventSources {
    private static final String BY_NODE = "by-node";

    private IdentityEventSources() {}

    static List<EventSource<?, CertificateSigningRequest>> of(EventSourceContext<CertificateSigningRequest> context) {
        context.getPrimaryCache().addIndexer(BY_NODE, IdentityGatherer::nodeNames);
        var nodes = InformerEventSourceConfiguration.from(ClusterNode.class, CertificateSigningRequest.class)
                .withSecondaryToPrimaryMapper(
                        node -> context
                                .getPrimaryCache()
                                .byIndex(BY_NODE, node.getMetadata().getName())
                                .stream()
                                .map(ResourceID::fromResource)
                                .collect(Collectors.toSet()))
                .withPrimaryToSecondaryMapper(
                        (CertificateSigningRequest request) -> IdentityGatherer.nodeNames(request).stream()
                                .map(ResourceID::new)
                                .collect(Collectors.toSet()))
                // Its status changes often; requests depend on little of it.
                .withOnUpdateFilter((now, before) -> IdentityGatherer.isEnrolled(Optional.of(now))
                        != IdentityGatherer.isEnrolled(Optional.of(before)))
                .build();
        return List.of(new InformerEventSource<>(nodes, context));
    }
}
