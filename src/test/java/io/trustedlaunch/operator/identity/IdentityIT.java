package io.trustedlaunch.operator.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.QemuFiles;
import io.trustedlaunch.agent.identity.SealingIdentity;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateVerdict;
import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Fault;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.node.EnrolmentReconciler;
import io.trustedlaunch.testkit.Cluster;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The operator and an agent together, each with its credentials from the chart. */
class IdentityIT {
    @RegisterExtension
    static final Cluster cluster = new Cluster();

    private static final CertificatePurpose SEALING = CertificatePurpose.SEALING;
    private static final Duration PATIENCE = Cluster.TIMEOUT;

    /** The clock of both, so that weeks can pass. */
    private final AtomicReference<Instant> time =
            new AtomicReference<>(Instant.now().truncatedTo(ChronoUnit.SECONDS));

    private final InstantSource clock = time::get;
    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    private final List<CertificateSigningRequest> requests = new ArrayList<>();
    private AuthorityStore<NodeCertificateAuthority> authority;
    private AuthorityStore<NodeCertificateAuthority> qemu;
    private AuthorityStore<EkCertificateAuthority> vtpms;
    private Operator operator;
    private Node node;
    private String nodeName;
    private KubernetesClient agent;

    @BeforeEach
    void startOperator() {
        KubernetesClient client =
                cluster.withToken(cluster.token(Cluster.NAMESPACE, "trusted-launch-operator", Optional.empty()));
        IdentityWriter writer = new KubeIdentityWriter(client);
        authority = new AuthorityStore<>(AuthorityKind.NODES, client, writer, Cluster.NAMESPACE, random, clock);
        qemu = new AuthorityStore<>(AuthorityKind.QEMU, client, writer, Cluster.NAMESPACE, random, clock);
        vtpms = new AuthorityStore<>(AuthorityKind.VTPMS, client, writer, Cluster.NAMESPACE, random, clock);
        operator = new Operator(
                configuration -> configuration.withKubernetesClient(client).withCloseClientOnStop(false));
        operator.register(new IdentityReconciler(
                new IdentitySettings(Cluster.NAMESPACE, IdentitySettings.DEFAULT_LIFETIME),
                new NodeAuthorities(authority, qemu),
                writer,
                clock,
                random));
        operator.register(new EnrolmentReconciler(
                Cluster.NAMESPACE,
                Optional::empty,
                new KubeWriter(client, clock, "identity-it"),
                clock,
                new AuditLog(clock, line -> {})));
        operator.start();
        nodeName = Cluster.uniqueName("host");
        node = cluster.node(nodeName);
        agent = cluster.agentOf(node);
    }

    @AfterEach
    void stopOperator() {
        operator.stop();
        requests.forEach(request -> cluster.admin().resource(request).delete());
    }

    @Test
    void anEnvelopeReachesANodeThatGotItsCertificate() throws Exception {
        registerNode();
        try (NodeIdentity identity = startIdentity()) {
            SealingIdentity sealing = await().atMost(PATIENCE)
                    .until(identity::sealing, Optional::isPresent)
                    .orElseThrow();
            EnvelopeAddress address = new EnvelopeAddress("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11", 1, nodeName);
            EnvelopeContent content = new EnvelopeContent(
                    address, ProtectionKey.generate(random), Map.of("user-data", "#cloud-config".getBytes(UTF_8)));

            byte[] envelope = Envelope.seal(content, accepted(sealing), random);

            assertThat(sealing.open(Envelope::open, envelope, address)).isEqualTo(content);
            assertThat(identity.pending()).isEmpty();
        }
    }

    @Test
    void aNodeGetsACertificateForAgentsAndOneForQemuAndNeitherPassesForTheOther() throws Exception {
        registerNode();
        try (NodeIdentity identity = startIdentity()) {
            await().atMost(PATIENCE)
                    .until(() -> identity.channel().isPresent()
                            && identity.migrationPending().isEmpty());

            X509Certificate given = Certificates.fromPem(Files.readString(folder.resolve("qemu/server-cert.pem")));
            assertThat(qemu.present().verifier().verify(given, nodeName, CertificatePurpose.QEMU, clock.instant()))
                    .isInstanceOf(Accepted.class);
            assertThat(((Refused) authority
                                    .present()
                                    .verifier()
                                    .verify(given, nodeName, CertificatePurpose.AGENT, clock.instant()))
                            .fault())
                    .isEqualTo(Fault.UNKNOWN_ISSUER);
            assertThat(folder.resolve("qemu/ca-cert.pem"))
                    .hasContent(qemu.present().certificatePem());
        }
    }

    @Test
    void aCertificateIsRenewedWithoutARestartAndOldEnvelopesOpen() throws Exception {
        registerNode();
        try (NodeIdentity identity = startIdentity()) {
            SealingIdentity before = await().atMost(PATIENCE)
                    .until(identity::sealing, Optional::isPresent)
                    .orElseThrow();
            EnvelopeAddress address = new EnvelopeAddress("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11", 1, nodeName);
            EnvelopeContent content = new EnvelopeContent(address, ProtectionKey.generate(random), Map.of());
            byte[] envelope = Envelope.seal(content, accepted(before), random);

            time.updateAndGet(now -> now.plus(Duration.ofDays(21)));
            identity.wake();

            SealingIdentity after = await().atMost(PATIENCE)
                    .until(
                            () -> identity.sealing().orElseThrow(),
                            now -> !now.certificate().equals(before.certificate()));
            assertThat(after.open(Envelope::open, envelope, address)).isEqualTo(content);
            assertThat(verdict(after.certificate(), nodeName)).isInstanceOf(Accepted.class);
        }
    }

    @Test
    void aRequestWaitsForItsNodeToBeRegistered() {
        CertificateSigningRequest request = request(agent, SEALING.usages());
        CertificateSigningRequest next = request(agent, List.of("client auth"));
        await().atMost(PATIENCE).until(() -> hasCondition(next, "Denied"));
        assertThat(certificate(request)).isEmpty();

        registerNode();

        X509Certificate certificate = await().atMost(PATIENCE)
                .until(() -> certificate(request), Optional::isPresent)
                .orElseThrow();
        assertThat(verdict(certificate, nodeName)).isInstanceOf(Accepted.class);
    }

    @Test
    void theNamesThatARequestForgesAreIgnored() throws Exception {
        registerNode();
        CertificateSigningRequest request = request(agent, forgedRequest("victim"), SEALING.usages());

        X509Certificate certificate = await().atMost(PATIENCE)
                .until(() -> certificate(request), Optional::isPresent)
                .orElseThrow();

        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=" + nodeName + ",O=trustedlaunch.io");
        assertThat(certificate.getSubjectAlternativeNames().toString()).doesNotContain("victim");
        assertThat(((Refused) verdict(certificate, "victim")).fault()).isEqualTo(Fault.WRONG_NODE);
    }

    @Test
    void requestersOtherThanAgentsAreDenied() {
        CertificateSigningRequest request = request(cluster.admin(), SEALING.usages());

        await().atMost(PATIENCE).until(() -> hasCondition(request, "Denied"));
        assertThat(certificate(request)).isEmpty();
    }

    @Test
    void anAgentCannotReadKeysOfAuthoritiesOrAnswerRequests() {
        authority.present().verifier();
        CertificateSigningRequest request = request(agent, SEALING.usages());

        assertThatThrownBy(() -> agent.secrets()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(PublishedAuthority.NODES)
                        .get())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("forbidden");
        assertThatThrownBy(() ->
                        new KubeIdentityWriter(agent).replaceApproval(IdentityStatus.approved(request, "by myself")))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("forbidden");
    }

    @Test
    void ofTwoAuthoritiesCreatedAtOnceTheFirstRemains() {
        String first = authority.present().verifier().authorityPem();

        authority.create();

        assertThat(authority.present().verifier().authorityPem()).isEqualTo(first);
    }

    @Test
    void theAuthorityOfVtpmsIsCreatedOnceSeparatelyAndPublished() {
        String certificate = vtpms.present().certificatePem();

        assertThat(vtpms.present().certificatePem()).isEqualTo(certificate);
        assertThat(certificate).isNotEqualTo(authority.present().certificatePem());
        assertThat(cluster.admin()
                        .configMaps()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(PublishedAuthority.VTPMS)
                        .get()
                        .getData())
                .isEqualTo(Map.of(PublishedAuthority.CERTIFICATE, certificate));
        assertThatThrownBy(() -> agent.secrets()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(PublishedAuthority.VTPMS)
                        .get())
                .hasMessageContaining("forbidden");
    }

    @Test
    void aLostAuthorityIsReplacedAndNodesRequestNewCertificates() {
        registerNode();
        try (NodeIdentity identity = startIdentity()) {
            SealingIdentity before = await().atMost(PATIENCE)
                    .until(identity::sealing, Optional::isPresent)
                    .orElseThrow();
            cluster.admin()
                    .secrets()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName(PublishedAuthority.NODES)
                    .delete();

            assertThat(((Refused) verdict(before.certificate(), nodeName)).fault())
                    .isEqualTo(Fault.UNKNOWN_ISSUER);

            await().atMost(PATIENCE)
                    .until(() -> verdict(identity.sealing().orElseThrow().certificate(), nodeName) instanceof Accepted);
        }
    }

    private void registerNode() {
        ClusterNode clusterNode = new ClusterNode();
        clusterNode.setMetadata(new ObjectMetaBuilder().withName(nodeName).build());
        clusterNode.setSpec(new ClusterNodeSpec("192.0.2.7", ClusterNodeSpec.Maintenance.None, null, null));
        cluster.create(clusterNode);
    }

    private QemuFiles qemuFiles() {
        return new QemuFiles(folder.resolve("qemu"), Accounts.ownerOf(folder));
    }

    private NodeIdentity startIdentity() {
        NodeIdentity identity = new NodeIdentity(
                agent,
                new io.trustedlaunch.agent.identity.IdentitySettings(
                        nodeName, Cluster.NAMESPACE, folder.resolve("identity"), qemuFiles()),
                clock,
                random,
                () -> {});
        identity.start();
        return identity;
    }

    private VerifiedCertificate accepted(SealingIdentity sealing) {
        return ((Accepted) verdict(sealing.certificate(), nodeName)).certificate();
    }

    private CertificateVerdict verdict(X509Certificate certificate, String name) {
        return authority.present().verifier().verify(certificate, name, SEALING, clock.instant());
    }

    private CertificateSigningRequest request(KubernetesClient requester, List<String> usages) {
        return request(requester, NodeKeyPair.generate(random).certificateRequest(random), usages);
    }

    private CertificateSigningRequest request(KubernetesClient requester, String pem, List<String> usages) {
        CertificateSigningRequest request = requester
                .resource(new CertificateSigningRequestBuilder()
                        .withNewMetadata()
                        .withName(SEALING.requestNames(nodeName).reversed().get(requests.size()))
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName(SEALING.signerName())
                        .withUsages(usages)
                        .withRequest(Base64.getEncoder().encodeToString(pem.getBytes(US_ASCII)))
                        .endSpec()
                        .build())
                .create();
        requests.add(request);
        return request;
    }

    private static Optional<X509Certificate> certificate(CertificateSigningRequest request) {
        return Optional.ofNullable(current(request).getStatus().getCertificate())
                .map(base64 ->
                        Certificates.fromPem(new String(Base64.getDecoder().decode(base64), US_ASCII)));
    }

    private static boolean hasCondition(CertificateSigningRequest request, String type) {
        return current(request).getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals(type));
    }

    private static CertificateSigningRequest current(CertificateSigningRequest request) {
        return cluster.admin().resource(request).get();
    }

    private String forgedRequest(String victim) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, victim)));
        byte[] request = new JcaPKCS10CertificationRequestBuilder(
                        new X500Name("O=system:masters,CN=" + victim), keys.getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject("CERTIFICATE REQUEST", request));
        }
        return text.toString();
    }
}
