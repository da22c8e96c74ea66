package io.trustedlaunch.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The operator's part of one move, step by step, so that a test can look in between; the operator itself is stopped. */
final class PlayedMover {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Stage stage;
    private final String vm;
    private final String from;
    private final String to;
    private final String leaving;
    private final String coming;
    private final long epoch;

    PlayedMover(Stage stage, TrustedLaunchVM vm, String to) {
        this.stage = stage;
        this.vm = vm.getMetadata().getName();
        this.from = vm.getStatus().nodeName();
        this.to = to;
        this.epoch = vm.getStatus().epoch() + 1;
        this.leaving = VMIncarnation.nameOf(vm.identity(), vm.getStatus().epoch());
        this.coming = VMIncarnation.nameOf(vm.identity(), epoch);
    }

    String from() {
        return from;
    }

    VMIncarnation leaving() {
        return incarnation(leaving);
    }

    VMIncarnation coming() {
        return incarnation(coming);
    }

    /** Makes the life at the target, and waits until its agent is ready for the guest. */
    void prepare(Map<String, byte[]> userData) {
        VMIncarnation life = leaving();
        VMIncarnationSpec spec = life.getSpec();
        VMIncarnation next = new VMIncarnation();
        next.setMetadata(new ObjectMetaBuilder()
                .withName(coming)
                .withNamespace(Stage.OPERATOR_NAMESPACE)
                .withLabels(life.getMetadata().getLabels())
                .withFinalizers(life.getMetadata().getFinalizers())
                .build());
        next.setSpec(new VMIncarnationSpec(
                spec.vmRef(),
                epoch,
                to,
                DesiredState.Running,
                spec.machine(),
                false,
                life.getStatus().ekDigest(),
                null,
                null,
                null,
                envelope(spec.vmRef().uid(), userData),
                new Arrival(spec.epoch(), from, false),
                null));
        stage.create(next);
        awaitStatus(coming, "ready to receive", status -> status.phase() == VMIncarnationStatus.Phase.Receiving);
    }

    /** Lets the guest go, without waiting for what becomes of it. */
    void depart(boolean cancelled) {
        ClusterNode node =
                stage.client.resources(ClusterNode.class).withName(to).get();
        patch(
                leaving,
                "{\"departure\":{\"epoch\":%d,\"nodeName\":\"%s\",\"address\":\"%s\",\"port\":%d,\"cancelled\":%b}}"
                        .formatted(
                                epoch,
                                to,
                                node.getSpec().address(),
                                node.getStatus().migrationPort(),
                                cancelled));
    }

    VMIncarnationStatus awaitCourse(Course course) {
        return awaitStatus(
                leaving,
                "told that the guest has " + course,
                status -> Optional.ofNullable(status.departure())
                        .filter(departure -> departure.course() == course)
                        .isPresent());
    }

    VMIncarnationStatus awaitRunning() {
        return awaitStatus(coming, "running", status -> status.phase() == VMIncarnationStatus.Phase.Running);
    }

    /** What the operator writes once the guest has left: the record follows it, then the life that it left ends. */
    void followTheGuest() {
        patch(coming, "{\"arrival\":{\"epoch\":%d,\"nodeName\":\"%s\",\"left\":true}}".formatted(epoch - 1, from));
        stage.client
                .resources(TrustedLaunchVM.class)
                .inNamespace(stage.namespace)
                .withName(vm)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"epoch\":%d,\"nodeName\":\"%s\"}}".formatted(epoch, to));
        patch(leaving, "{\"desiredState\":\"Stopped\"}");
        awaitStatus(
                leaving,
                "told to be over",
                status -> status.guestState() != null && status.guestState().complete());
        remove(leaving);
    }

    /** What the operator writes where the guest stays. */
    void takeBack() {
        patch(coming, "{\"desiredState\":\"Stopped\"}");
        awaitStatus(coming, "told to be over", status -> status.phase() == VMIncarnationStatus.Phase.Stopped);
        remove(coming);
    }

    private void remove(String name) {
        stage.client
                .resources(VMIncarnation.class)
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        stage.client
                .resources(VMIncarnation.class)
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(name)
                .delete();
    }

    private VMIncarnation incarnation(String name) {
        return stage.client
                .resources(VMIncarnation.class)
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(name)
                .get();
    }

    private void patch(String name, String spec) {
        stage.client
                .resources(VMIncarnation.class)
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":" + spec + "}");
    }

    private VMIncarnationStatus awaitStatus(String name, String what, Predicate<VMIncarnationStatus> predicate) {
        return await("incarnation " + name + " is " + what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> Optional.ofNullable(incarnation(name).getStatus()),
                        status -> status.filter(predicate).isPresent())
                .orElseThrow();
    }

    private String envelope(String uid, Map<String, byte[]> userData) {
        EnvelopeContent content = new EnvelopeContent(
                new EnvelopeAddress(uid, epoch, to), stage.protectionKey(uid), new java.util.TreeMap<>(userData));
        return Base64.getEncoder().encodeToString(Envelope.seal(content, recipient(), new SecureRandom()));
    }

    private VerifiedCertificate recipient() {
        String authority = stage.client
                .configMaps()
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(PublishedAuthority.NODES)
                .get()
                .getData()
                .get(PublishedAuthority.CERTIFICATE);
        String certificate = stage.client
                .resources(ClusterNode.class)
                .withName(to)
                .get()
                .getStatus()
                .sealingCertificate();
        return ((Accepted) NodeCertificateVerifier.fromPem(authority)
                        .verify(certificate, to, CertificatePurpose.SEALING, Instant.now()))
                .certificate();
    }
}
