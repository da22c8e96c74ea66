package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.SecretGrant;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The operator against a real API server, under the roles of the chart; the test plays the agent. */
class OperatorIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "operator");

    private static final Duration PATIENCE = Cluster.TIMEOUT;
    private static final String EK = EndorsementKeys.ONE.digest();

    private PlayedAgent agent;
    private String image;

    @BeforeEach
    void startAgent() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
        Networks.offer(CLUSTER.admin(), "default");
        image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
    }

    @AfterEach
    void stopAgent() {
        if (agent != null) {
            agent.close();
        }
    }

    @Test
    void aVmIsStartedStoppedStartedAgainAndDeletedAsItsAgentReports() throws Exception {
        TrustedLaunchVM vm = createVm(spec(RunStrategy.Always));
        String uid = vm.getMetadata().getUid();

        VMIncarnation first = agent.awaitIncarnation(uid, 1);
        assertThat(first.getSpec().firstStart()).isTrue();
        long mark = mark();
        EnvelopeContent envelope = agent.open(first);
        assertThat(envelope.protectionKey()).isEqualTo(storedKey(uid));
        assertThat(new String(envelope.files().get("user-data"), UTF_8)).isEqualTo("#cloud-config\n");
        agent.report(first, status(Phase.Prepared, EK, null));
        agent.report(first, status(Phase.Running, EK, null));
        new AwaitedVm(CLUSTER, vm).ready(Reason.Running);
        VTpm tpm = read(vm).getStatus().vTPM();
        assertThat(tpm.ekDigest()).isEqualTo(EK);
        assertCertified(tpm, uid);

        setRunStrategy(vm, RunStrategy.Halted);
        awaitDesired(uid, 1, DesiredState.Stopped);
        assertThat(agent.open(agent.incarnation(uid, 1)).protectionKey()).isEqualTo(storedKey(uid));
        agent.report(first, status(Phase.Stopped, EK, Exit.Shutdown));
        new AwaitedVm(CLUSTER, vm).ready(Reason.Halted);
        assertThat(agent.incarnation(uid, 1).getSpec().envelope()).isNull();

        setRunStrategy(vm, RunStrategy.Always);
        VMIncarnation second = agent.awaitIncarnation(uid, 2);
        assertThat(second.getSpec().firstStart()).isFalse();
        assertThat(mark()).as("raised before the incarnation was created").isGreaterThan(mark);
        assertThat(second.getSpec().ekDigest()).isEqualTo(EK);
        await().atMost(PATIENCE).until(() -> agent.incarnation(uid, 1) == null);
        agent.report(second, status(Phase.Running, EK, null));
        new AwaitedVm(CLUSTER, vm).ready(Reason.Running);
        assertThat(read(vm).getStatus().vTPM()).as("issued once").isEqualTo(tpm);

        CLUSTER.admin().resource(vm).delete();
        awaitDesired(uid, 2, DesiredState.Erased);
        await("the key to be destroyed before the agent answers")
                .atMost(PATIENCE)
                .until(() -> secret(uid) == null);
        agent.report(second, status(Phase.Erased, EK, Exit.Shutdown));
        await("the VM to be deleted").atMost(PATIENCE).until(() -> read(vm) == null);
        assertThat(agent.incarnation(uid, 2)).isNull();
    }

    @Test
    void anEndorsementKeyThatDoesNotMatchItsDigestIsNotRecorded() throws Exception {
        TrustedLaunchVM vm = createVm(spec(RunStrategy.Always));
        VMIncarnation incarnation = agent.awaitIncarnation(vm.getMetadata().getUid(), 1);

        agent.report(
                incarnation,
                VMIncarnationStatusBuilder.builder()
                        .observedGeneration(1L)
                        .phase(Phase.Running)
                        .ekDigest(EK)
                        .ekPublic(EndorsementKeys.OTHER.toBase64())
                        .build());

        new AwaitedVm(CLUSTER, vm).ready(Reason.EkUnproved);
        assertThat(read(vm).getStatus().vTPM()).isNull();
        agent.report(incarnation, status(Phase.Running, EK, null));
        new AwaitedVm(CLUSTER, vm).ready(Reason.Running);
        assertCertified(read(vm).getStatus().vTPM(), vm.getMetadata().getUid());
    }

    @Test
    void anIncarnationThatALateOperatorCreatedForADeletedVmIsRemoved() {
        VMIncarnation orphan = new VMIncarnation();
        String uid = UUID.randomUUID().toString();
        orphan.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Cluster.NAMESPACE)
                .withName(VMIncarnation.nameOf(uid, 1))
                .build());
        orphan.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VMIncarnationSpec.VmRef("gone", "payroll", uid, null))
                .cluster(Incarnations.CLUSTER)
                .epoch(1L)
                .nodeName(agent.name())
                .desiredState(DesiredState.Running)
                .machine(VMIncarnationSpecMachineBuilder.builder()
                        .osType(OsType.Linux)
                        .cores(1)
                        .memory(new Quantity("1Gi"))
                        .location(new VMIncarnationSpec.Location("default", "/var/lib/vms"))
                        .image(new VMIncarnationSpec.Image("image", null, null))
                        .osDiskSize(new Quantity("1Gi"))
                        .build())
                .firstStart(true)
                .build());
        CLUSTER.admin().resource(orphan).create();
        agent.report(orphan, PlayedStatus.waitsFor(Reason.ImageCopyPending));
        awaitDesired(uid, 1, DesiredState.Stopped);
        agent.report(orphan, PlayedStatus.neverRan());
        awaitDesired(uid, 1, DesiredState.Erased);
        agent.report(orphan, PlayedStatus.erased());
        await("the orphan to be deleted").atMost(PATIENCE).until(() -> agent.incarnation(uid, 1) == null);
    }

    private TrustedLaunchVM createVm(TrustedLaunchVMSpec spec) {
        String namespace = CLUSTER.namespace();
        CLUSTER.create(SecretGrant.of(namespace));
        CLUSTER.admin()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("init")
                        .endMetadata()
                        .withStringData(Map.of("user-data", "#cloud-config\n"))
                        .build())
                .create();
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("payroll")
                .build());
        vm.setSpec(spec);
        return CLUSTER.admin().resource(vm).create();
    }

    private TrustedLaunchVMSpec spec(RunStrategy strategy) {
        return TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(strategy)
                .imageRef(new ObjectRef(image))
                .cores(2)
                .memory(new Quantity("1Gi"))
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .networkInterfaces(List.of(new NetworkInterface("nic0", "default", null)))
                .guestConfig(new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null))
                .build();
    }

    private void setRunStrategy(TrustedLaunchVM vm, RunStrategy strategy) {
        CLUSTER.admin()
                .resource(vm)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"runStrategy\": \"" + strategy + "\"}}");
    }

    private static VMIncarnationStatus status(Phase phase, String ek, Exit exit) {
        String area = ek == null ? null : EndorsementKeys.ONE.toBase64();
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest(ek)
                .ekPublic(area)
                .exit(exit)
                .build();
    }

    /** Verifies the certificate with the authority published in the operator's namespace. */
    private static void assertCertified(VTpm tpm, String uid) throws Exception {
        X509Certificate authority = Certificates.fromPem(CLUSTER.admin()
                .configMaps()
                .inNamespace(Cluster.NAMESPACE)
                .withName(PublishedAuthority.VTPMS)
                .get()
                .getData()
                .get(PublishedAuthority.CERTIFICATE));
        X509Certificate certificate = Certificates.fromPem(tpm.ekCertificate());
        certificate.verify(authority.getPublicKey());
        assertThat(certificate.getPublicKey()).isEqualTo(EndorsementKeys.ONE.publicKey());
        assertThat(certificate.getSubjectAlternativeNames().toString()).contains("urn:uuid:" + uid);
    }

    private static TrustedLaunchVM read(TrustedLaunchVM vm) {
        return CLUSTER.admin().resource(vm).get();
    }

    private static Secret secret(String uid) {
        return CLUSTER.admin()
                .secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(uid)
                .get();
    }

    private static ProtectionKey storedKey(String uid) {
        Secret secret = secret(uid);
        assertThat(secret.getType()).isEqualTo(Api.PROTECTION_KEY_TYPE);
        assertThat(secret.getImmutable()).isTrue();
        assertThat(secret.getFinalizers()).contains(Api.FINALIZER);
        return ProtectionKey.of(Base64.getDecoder().decode(secret.getData().get("key")));
    }

    private void awaitDesired(String uid, long epoch, DesiredState desired) {
        await("epoch " + epoch + " to have desiredState " + desired)
                .atMost(PATIENCE)
                .until(() -> agent.incarnation(uid, epoch).getSpec().desiredState() == desired);
    }

    /** The number of the mark on the operator's Lease. */
    private static long mark() {
        return Mark.parse(CLUSTER.admin()
                        .leases()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(OperatorProcess.LEASE)
                        .get()
                        .getMetadata()
                        .getAnnotations()
                        .get(Api.MARK))
                .orElseThrow()
                .number();
    }
}
