package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.process.PeriodicTasks;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Plays an agent for a test, with an agent's credentials: it reports what the test says, and runs nothing. */
final class PlayedAgent implements AutoCloseable {
    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private static final String BOOT = "5eed0000-0000-4000-8000-000000000002";
    private static final int MIGRATION_PORT = 16_515;
    static final int CONSOLE_PORT = 16_516;

    private final String name;
    private final KubernetesClient admin;
    private final KubernetesClient client;
    private final AgentWriter writer;
    private final SecureRandom random = new SecureRandom();
    private final NodeKeyPair sealingPair = NodeKeyPair.generate(random);
    private ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final List<Domain> domains = new ArrayList<>();
    private final List<ClusterNodeStatus.Location> locations =
            new ArrayList<>(List.of(ClusterNodeStatusLocationBuilder.builder()
                    .name("default")
                    .ready(true)
                    .build()));
    private final List<BackupFolder> backupFolders = new ArrayList<>();
    private List<String> consoleKinds = List.of();
    private String certificate;

    PlayedAgent(Cluster cluster, Node node) {
        this.name = node.getMetadata().getName();
        this.admin = cluster.admin();
        this.client = cluster.agentOf(node);
        this.writer = new AgentWriter(client, Cluster.NAMESPACE, name);
        ClusterNode clusterNode = new ClusterNode();
        clusterNode.setMetadata(new ObjectMetaBuilder().withName(name).build());
        clusterNode.setSpec(new ClusterNodeSpec("192.0.2.10", Maintenance.None, new Quantity("8Gi"), null));
        cluster.create(clusterNode);
    }

    String name() {
        return name;
    }

    /** With an agent's permissions. */
    KubernetesClient client() {
        return client;
    }

    /** The field manager of an agent. */
    AgentWriter writer() {
        return writer;
    }

    /** Creates its Lease, its certificate, and a status that answers the leader. */
    PlayedAgent register() {
        startHeartbeat();
        certificate = awaitCertificate(requestCertificate());
        answerLeader();
        return this;
    }

    void startHeartbeat() {
        heart.shutdownNow();
        heart = Executors.newSingleThreadScheduledExecutor();
        PeriodicTasks.start(heart, Duration.ZERO, Duration.ofSeconds(5), this::renewLease);
    }

    private void renewLease() {
        var lease = new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName("node-" + name)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name)
                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                .endSpec()
                .build();
        client.resource(lease).forceConflicts().serverSideApply();
    }

    CertificateSigningRequest requestCertificate() {
        return client.certificates()
                .v1()
                .certificateSigningRequests()
                .resource(new CertificateSigningRequestBuilder()
                        .withNewMetadata()
                        .withName(CertificatePurpose.SEALING.requestNames(name).getFirst())
                        .endMetadata()
                        .withNewSpec()
                        .withRequest(Base64.getEncoder()
                                .encodeToString(
                                        sealingPair.certificateRequest(random).getBytes(UTF_8)))
                        .withSignerName(CertificatePurpose.SEALING.signerName())
                        .withUsages(CertificatePurpose.SEALING.usages())
                        .endSpec()
                        .build())
                .create();
    }

    /** For the next reports. */
    void useCertificate(String issued) {
        certificate = issued;
    }

    String awaitCertificate(CertificateSigningRequest request) {
        String encoded = await("the certificate of " + name)
                .atMost(PATIENCE)
                .until(() -> certificate(request), issued -> issued != null);
        return new String(Base64.getDecoder().decode(encoded), UTF_8);
    }

    /** As an agent reads it: by a list. */
    private String certificate(CertificateSigningRequest request) {
        return client.certificates()
                .v1()
                .certificateSigningRequests()
                .withField("metadata.name", request.getMetadata().getName())
                .list()
                .getItems()
                .getFirst()
                .getStatus()
                .getCertificate();
    }

    /** Reports a location, now and in later reports. */
    void reportLocation(ClusterNodeStatus.Location location) {
        locations.removeIf(seen -> seen.name().equals(location.name()));
        locations.add(location);
        answerLeader();
    }

    /** Reports that it finds the marker of the store in the folder of a BackupLocation, now and in later reports. */
    void findsBackupFolder(String location) {
        reportBackupFolder(BackupFolder.marked(location, BackupLocations.ID));
    }

    /** Reports the folder of a BackupLocation, now and in later reports. */
    void reportBackupFolder(BackupFolder folder) {
        backupFolders.removeIf(seen -> seen.name().equals(folder.name()));
        backupFolders.add(folder);
        answerLeader();
    }

    /** Reports that it serves all kinds of consoles, now and in later reports. */
    void serveScreens() {
        consoleKinds = ConsoleKind.names();
        answerLeader();
    }

    /** Reports its domains to the operator that leads now. */
    void answerLeader() {
        writer.writeNodeStatus(ClusterNodeStatusBuilder.builder()
                .observedGeneration(1L)
                .address("192.0.2.10")
                .capabilities(new ClusterNodeStatus.Capabilities(true, true, false, true, false))
                .incarnationFields(IncarnationFields.KNOWN)
                .capacity(new ClusterNodeStatus.Capacity(4, new Quantity("16Gi")))
                .networks(List.of("default"))
                .storageLocations(List.copyOf(locations))
                .backupFolders(List.copyOf(backupFolders))
                .sealingCertificate(certificate)
                .migrationPort(MIGRATION_PORT)
                .consolePort(CONSOLE_PORT)
                .consoleKinds(consoleKinds)
                .build());
        writer.writeAnswer(new Answer(leader().orElseThrow(), BOOT, null, List.copyOf(domains)));
    }

    /** Reports that it and the other node read each other in the default location. */
    void sharesWith(PlayedAgent other) {
        reportLocation(ClusterNodeStatusLocationBuilder.builder()
                .name("default")
                .ready(true)
                .token("token of " + name)
                .peers(List.of(new ClusterNodeStatus.Peer(other.name, "token of " + other.name)))
                .build());
    }

    /** Waits for another leader than at the last answer. */
    void awaitNewLeader() {
        String known = client.resources(ClusterNode.class)
                .withName(name)
                .get()
                .getStatus()
                .answer()
                .leader();
        await("another leader")
                .atMost(PATIENCE)
                .until(() -> leader().filter(now -> !now.equals(known)).isPresent());
    }

    private Optional<String> leader() {
        return Optional.ofNullable(client.leases()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(OperatorProcess.LEASE)
                        .get())
                .map(lease -> lease.getSpec().getHolderIdentity());
    }

    /** Adds a domain to the next answer to a leader; a proof that the operator gave is in the incarnation. */
    void reportDomain(String vmUid, long epoch, String proof) {
        domains.add(new Domain(vmUid, epoch, proof, null));
    }

    VMIncarnation awaitIncarnation(String vmUid, long epoch) {
        return await("epoch " + epoch + " on " + name)
                .atMost(PATIENCE)
                .until(
                        () -> incarnation(vmUid, epoch),
                        found -> found != null && found.getSpec().nodeName().equals(name));
    }

    VMIncarnation incarnation(String vmUid, long epoch) {
        return client.resources(VMIncarnation.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(VMIncarnation.nameOf(vmUid, epoch))
                .get();
    }

    void report(VMIncarnation incarnation, VMIncarnationStatus status) {
        boolean isPrepared = status.phase() == VMIncarnationStatus.Phase.Prepared;
        writer.writeStatus(
                incarnation,
                VMIncarnationStatusBuilder.builder(status)
                        .answers(isPrepared ? leader().orElse(null) : null)
                        .build());
    }

    EnvelopeContent open(VMIncarnation incarnation) throws EnvelopeRefusedException {
        return Envelope.open(
                Base64.getDecoder().decode(incarnation.getSpec().envelope()),
                sealingPair,
                new EnvelopeAddress(
                        incarnation.getSpec().vmRef().uid(),
                        incarnation.getSpec().epoch(),
                        name));
    }

    PullCredentials open(ImageCopy copy) throws EnvelopeRefusedException {
        return PullEnvelope.open(
                Base64.getDecoder().decode(copy.getSpec().envelope().sealed()),
                sealingPair,
                new PullEnvelope.Address(copy.getMetadata().getName(), name));
    }

    RestoreEnvelope.Content open(RestoreRun run) throws EnvelopeRefusedException {
        return RestoreEnvelope.open(
                Base64.getDecoder().decode(run.getSpec().envelope()),
                sealingPair,
                new RestoreEnvelope.Address(
                        run.getMetadata().getName(),
                        UUID.fromString(
                                run.getSpec().copyOf() == null
                                        ? run.getSpec().vmRef().uid()
                                        : run.getSpec().copyOf().uid()),
                        name));
    }

    RestoreEnvelope.Content open(VMBackupDownload download) throws EnvelopeRefusedException {
        return RestoreEnvelope.open(
                Base64.getDecoder().decode(download.getStatus().envelope()),
                sealingPair,
                new RestoreEnvelope.Address(
                        download.getMetadata().getUid(),
                        UUID.fromString(download.getStatus().backupOf()),
                        name));
    }

    void stopHeartbeat() {
        heart.shutdownNow();
    }

    /** Deletes its ClusterNode too: a registered node whose agent is down blocks every start of the next operator. */
    @Override
    public void close() {
        heart.shutdownNow();
        try {
            // The operator registers a node again whose Lease is renewed.
            heart.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        admin.resources(ClusterNode.class).withName(name).delete();
    }
}
