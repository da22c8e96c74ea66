package io.trustedlaunch.agent.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.process.Informers;
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
 * Certificate requests at a real API server. A request belongs to this node if it is signed with this node's key. So the
 * agent finds its request again after a crash, and others cannot interfere by taking its name.
 */
final class KubeCertificateRequests implements CertificateRequests {
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final IdentitySettings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<CertificatePurpose, SharedIndexInformer<CertificateSigningRequest>> informers =
            new EnumMap<>(CertificatePurpose.class);
    /** The keys are the names of the ConfigMaps. */
    private final Map<String, SharedIndexInformer<ConfigMap>> authorities = new HashMap<>();

    /** Requests that the watch has not returned yet. */
    private final Map<CertificatePurpose, Created> created = new EnumMap<>(CertificatePurpose.class);

    private final Map<CertificatePurpose, Observation> observations = new EnumMap<>(CertificatePurpose.class);

    private record Created(CertificateSigningRequest request, Instant at) {}

    private record Observation(String uid, ObservedRequest.Outcome outcome, Instant at) {}

    KubeCertificateRequests(
            KubernetesClient client, IdentitySettings settings, InstantSource clock, SecureRandom random) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        for (CertificatePurpose purpose : CertificatePurpose.values()) {
            informers.put(
                    purpose,
                    Informers.of(
                            CertificateSigningRequest.class,
                            client.certificates()
                                    .v1()
                                    .certificateSigningRequests()
                                    .withField("spec.signerName", purpose.signerName())));
            authorities.computeIfAbsent(
                    purpose.authority(),
                    name -> Informers.of(
                            ConfigMap.class,
                            client.configMaps()
                                    .inNamespace(settings.operatorNamespace())
                                    .withName(name)));
        }
    }

    @Override
    public void start(Runnable changed) {
        informers.values().forEach(informer -> ChangeHandler.start(informer, request -> changed.run(), changed));
        authorities.values().forEach(informer -> ChangeHandler.start(informer, authority -> changed.run(), changed));
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
    public synchronized Optional<ObservedRequest> newest(CertificatePurpose purpose, NodeKeyPair pair) {
        List<CertificateSigningRequest> listed =
                informers.get(purpose).getStore().list();
        created.computeIfPresent(purpose, (key, last) -> isAwaited(last, listed) ? last : null);
        return Stream.concat(listed.stream(), created.values().stream().map(Created::request))
                .filter(request -> isFor(pair, purpose, request))
                .max(Comparator.comparing((CertificateSigningRequest request) ->
                                request.getMetadata().getCreationTimestamp())
                        .thenComparing(request -> request.getMetadata().getName()))
                .map(request -> observe(purpose, request));
    }

    @Override
    public synchronized void request(CertificatePurpose purpose, NodeKeyPair pair) {
        for (String name : purpose.requestNames(settings.nodeName())) {
            Optional<CertificateSigningRequest> request = create(name, purpose, pair);
            if (request.isPresent()) {
                created.put(purpose, new Created(request.get(), clock.instant()));
                return;
            }
        }
        throw new KubernetesClientException("all certificate requests of this node for " + purpose.signerName()
                + " are in use; Kubernetes removes those that are answered after an hour, or delete them");
    }

    /** Empty if there is one with this name. */
    private Optional<CertificateSigningRequest> create(String name, CertificatePurpose purpose, NodeKeyPair pair) {
        byte[] pem = pair.certificateRequest(random).getBytes(US_ASCII);
        try {
            return Optional.of(client.resource(new CertificateSigningRequestBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .withNewSpec()
                            .withSignerName(purpose.signerName())
                            .withUsages(purpose.usages())
                            .withRequest(Base64.getEncoder().encodeToString(pem))
                            .endSpec()
                            .build())
                    .create());
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        informers.values().forEach(SharedIndexInformer::stop);
        authorities.values().forEach(SharedIndexInformer::stop);
    }

    private boolean isAwaited(Created last, List<CertificateSigningRequest> listed) {
        boolean arrived = listed.stream()
                .anyMatch(request -> request.getMetadata()
                        .getUid()
                        .equals(last.request().getMetadata().getUid()));
        return !arrived && !RecordedTime.isOver(IdentityPlanner.RETRY, last.at(), clock.instant());
    }

    private ObservedRequest observe(CertificatePurpose purpose, CertificateSigningRequest request) {
        String uid = request.getMetadata().getUid();
        ObservedRequest.Outcome outcome = outcome(request.getStatus());
        Observation observation = observations.compute(
                purpose,
                (key, last) ->
                        last != null && last.uid().equals(uid) && last.outcome().equals(outcome)
                                ? last
                                : new Observation(uid, outcome, clock.instant()));
        return new ObservedRequest(request.getMetadata().getName(), outcome, observation.at());
    }

    private static ObservedRequest.Outcome outcome(CertificateSigningRequestStatus status) {
        if (status == null) {
            return new ObservedRequest.Pending();
        }
        if (status.getCertificate() != null) {
            return new ObservedRequest.Issued(decoded(status.getCertificate()));
        }
        return status.getConditions().stream()
                .filter(condition -> List.of("Denied", "Failed").contains(condition.getType()))
                .findFirst()
                .<ObservedRequest.Outcome>map(condition -> new ObservedRequest.Refused(condition.getMessage()))
                .orElseGet(ObservedRequest.Pending::new);
    }

    /** Compares the name first: there may be many requests of others, and checking a signature takes time. */
    private boolean isFor(NodeKeyPair pair, CertificatePurpose purpose, CertificateSigningRequest request) {
        if (!purpose.requestNames(settings.nodeName())
                .contains(request.getMetadata().getName())) {
            return false;
        }
        try {
            return pair.isRequestedBy(
                    CertificateRequest.parse(decoded(request.getSpec().getRequest())));
        } catch (IllegalArgumentException e) {
            return false;
        }
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
}
