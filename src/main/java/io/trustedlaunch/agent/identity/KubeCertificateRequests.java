package io.trustedlaunch.agent.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.PublishedAuthority;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Certificate requests at a real API server. A request counts as this node's if it proves to hold this
 * node's key, whatever its name: so a crash after a request loses nothing, and nobody can stand in the
 * way by taking a name.
 */
final class KubeCertificateRequests implements CertificateRequests {
    private static final int LONGEST_NODE_PART = 150;

    private final KubernetesClient client;
    private final IdentitySettings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<CertificatePurpose, SharedIndexInformer<CertificateSigningRequest>> informers =
            new EnumMap<>(CertificatePurpose.class);
    /** By name. */
    private final Map<String, SharedIndexInformer<ConfigMap>> authorities = new HashMap<>();

    /** What was created a moment ago and has not come back through the watch. */
    private final Map<CertificatePurpose, Made> made = new EnumMap<>(CertificatePurpose.class);

    private final Map<CertificatePurpose, Sighting> sightings = new EnumMap<>(CertificatePurpose.class);

    private record Made(CertificateSigningRequest request, Instant at) {}

    private record Sighting(String uid, SeenRequest.Outcome outcome, Instant at) {}

    KubeCertificateRequests(
            KubernetesClient client, IdentitySettings settings, InstantSource clock, SecureRandom random) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        for (CertificatePurpose purpose : CertificatePurpose.values()) {
            informers.put(
                    purpose,
                    client.certificates()
                            .v1()
                            .certificateSigningRequests()
                            .withField("spec.signerName", purpose.signerName())
                            .runnableInformer(0));
            authorities.computeIfAbsent(
                    purpose.authority(),
                    name -> client.configMaps()
                            .inNamespace(settings.operatorNamespace())
                            .withName(name)
                            .runnableInformer(0));
        }
    }

    @Override
    public void start(Runnable changed) {
        informers.values().forEach(informer -> start(informer, changed));
        authorities.values().forEach(informer -> start(informer, changed));
    }

    @Override
    public boolean isSynced() {
        return Stream.concat(authorities.values().stream(), informers.values().stream())
                .allMatch(SharedIndexInformer::hasSynced);
    }

    @Override
    public Optional<NodeCertificateVerifier> authority(CertificatePurpose purpose) {
        return authorities.get(purpose.authority()).getStore().list().stream()
                .findFirst()
                .map(ConfigMap::getData)
                .map(data -> data.get(PublishedAuthority.CERTIFICATE))
                .flatMap(KubeCertificateRequests::verifier);
    }

    @Override
    public synchronized Optional<SeenRequest> newest(CertificatePurpose purpose, NodeKeyPair pair) {
        List<CertificateSigningRequest> seen = informers.get(purpose).getStore().list();
        made.computeIfPresent(purpose, (key, last) -> isAwaited(last, seen) ? last : null);
        return Stream.concat(seen.stream(), made.values().stream().map(Made::request))
                .filter(request -> isFor(pair, purpose, request))
                .max(Comparator.comparing((CertificateSigningRequest request) ->
                                request.getMetadata().getCreationTimestamp())
                        .thenComparing(request -> request.getMetadata().getName()))
                .map(request -> seen(purpose, request));
    }

    @Override
    public synchronized void request(CertificatePurpose purpose, NodeKeyPair pair) {
        byte[] pem = pair.certificateRequest(random).getBytes(US_ASCII);
        CertificateSigningRequest request = client.resource(new CertificateSigningRequestBuilder()
                        .withNewMetadata()
                        .withGenerateName(namePrefix(purpose, pair))
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName(purpose.signerName())
                        .withUsages(purpose.usages())
                        .withRequest(Base64.getEncoder().encodeToString(pem))
                        .endSpec()
                        .build())
                .create();
        made.put(purpose, new Made(request, clock.instant()));
    }

    @Override
    public void close() {
        informers.values().forEach(SharedIndexInformer::stop);
        authorities.values().forEach(SharedIndexInformer::stop);
    }

    private static <T extends HasMetadata> void start(SharedIndexInformer<T> informer, Runnable changed) {
        informer.addEventHandler(new Waking<>(changed));
        // Never give up: the API server may come after this agent, or go for hours.
        informer.exceptionHandler((started, fault) -> true);
        informer.start().thenRun(changed);
    }

    private boolean isAwaited(Made last, List<CertificateSigningRequest> seen) {
        boolean arrived = seen.stream()
                .anyMatch(request -> request.getMetadata()
                        .getUid()
                        .equals(last.request().getMetadata().getUid()));
        return !arrived && clock.instant().isBefore(last.at().plus(IdentityPlanner.RETRY));
    }

    private SeenRequest seen(CertificatePurpose purpose, CertificateSigningRequest request) {
        String uid = request.getMetadata().getUid();
        SeenRequest.Outcome outcome = outcome(request.getStatus());
        Sighting sighting = sightings.compute(
                purpose,
                (key, last) ->
                        last != null && last.uid().equals(uid) && last.outcome().equals(outcome)
                                ? last
                                : new Sighting(uid, outcome, clock.instant()));
        return new SeenRequest(request.getMetadata().getName(), outcome, sighting.at());
    }

    private static SeenRequest.Outcome outcome(CertificateSigningRequestStatus status) {
        if (status == null) {
            return new SeenRequest.Pending();
        }
        if (status.getCertificate() != null) {
            return new SeenRequest.Issued(decoded(status.getCertificate()));
        }
        return status.getConditions().stream()
                .filter(condition -> List.of("Denied", "Failed").contains(condition.getType()))
                .findFirst()
                .<SeenRequest.Outcome>map(condition -> new SeenRequest.Refused(condition.getMessage()))
                .orElseGet(SeenRequest.Pending::new);
    }

    /** Others' requests are told apart by name first, since there may be many and the proof costs time. */
    private boolean isFor(NodeKeyPair pair, CertificatePurpose purpose, CertificateSigningRequest request) {
        if (!request.getMetadata().getName().startsWith(namePrefix(purpose, pair))) {
            return false;
        }
        try {
            return pair.isRequestedBy(
                    CertificateRequest.parse(decoded(request.getSpec().getRequest())));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The node for people, the key so that requests for an earlier one are passed over. */
    private String namePrefix(CertificatePurpose purpose, NodeKeyPair pair) {
        String node = settings.nodeName().replace('.', '-');
        return "trusted-launch-" + purpose.label() + "-" + node.substring(0, Math.min(node.length(), LONGEST_NODE_PART))
                + "-" + pair.keyId() + "-";
    }

    private static Optional<NodeCertificateVerifier> verifier(String pem) {
        try {
            return Optional.of(NodeCertificateVerifier.fromPem(pem));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), US_ASCII);
    }

    /** Whatever happened: the next look finds out. */
    private record Waking<T>(Runnable changed) implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T added) {
            changed.run();
        }

        @Override
        public void onUpdate(T before, T now) {
            changed.run();
        }

        @Override
        public void onDelete(T deleted, boolean finalStateUnknown) {
            changed.run();
        }
    }
}
