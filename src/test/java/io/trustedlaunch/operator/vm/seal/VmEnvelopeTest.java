package io.trustedlaunch.operator.vm.seal;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.operator.vm.plan.RemovalStep;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.testkit.SealingKey;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** How long an incarnation has an envelope: until the last of its state can have been sealed, and no longer. */
class VmEnvelopeTest {
    private static final UnaryOperator<VmScene> UNCERTIFIED =
            scene -> scene.node("host-a", node -> node.certificateFault(Optional.of("no certificate")));

    private static final SealingKey OWN = new SealingKey("host-a");
    private static final SealingKey LOST = new SealingKey("host-a");
    private static final UnaryOperator<VmScene> OWNING = scene -> scene.node(
            "host-a", node -> node.sealingKey(Optional.of(OWN.certificate().keyIdentifier())));

    @Test
    void anIncarnationThatIsStoppedKeepsItUntilItIsOver() {
        assertThat(stopping().step()).isInstanceOf(VmStep.Wait.class);
        assertThat(over(RunStrategy.Halted).withEnvelope().step()).isInstanceOf(RemovalStep.RemoveEnvelope.class);
        assertThat(over(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void anIncarnationThatEndedByItselfLosesItToo() {
        assertThat(running()
                        .incarnation(1, Running, ended(Exit.Shutdown))
                        .withEnvelope()
                        .strategy(RunStrategy.RerunOnFailure)
                        .step())
                .isInstanceOf(RemovalStep.RemoveEnvelope.class);
    }

    @Test
    void anIncarnationThatIsFollowedAtOnceKeepsIt() {
        assertThat(over(RunStrategy.Always).withEnvelope().step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void anIncarnationThatCannotBeFollowedNowLosesIt() {
        VmScene scene = over(RunStrategy.Always).withEnvelope().silent("host-a");
        assertThat(scene.step()).isInstanceOf(RemovalStep.RemoveEnvelope.class);
        assertThat(scene.withoutEnvelope().step()).isInstanceOf(VmStep.Refuse.class);
    }

    @Test
    void anIncarnationThatIsStoppedGetsALostOneBack() {
        assertThat(stopping().withoutEnvelope().step()).isInstanceOf(VmStep.SealEnvelope.class);
    }

    @Test
    void anIncarnationIsStoppedWithoutOneIfNoneCanBeSealed() {
        assertWaits(stopping().withoutEnvelope().key(NO_KEY), Reason.Stopping);
        assertWaits(stopping().withoutEnvelope().with(UNCERTIFIED), Reason.Stopping);
        assertWaits(stopping().withoutEnvelope().gone("host-a"), Reason.Stopping);
    }

    @Test
    void aProblemWithSealingTheLastStateIsReported() {
        VmScene scene = stopping(reporting("LocationMissing"));
        assertWaits(scene, Reason.LocationMissing);
        assertWaits(scene.withoutEnvelope().key(NO_KEY), Reason.KeyMissing);
    }

    @Test
    void aProblemOfThePreparationIsNotReportedAsOneOfTheEnd() {
        assertWaits(
                stopping(status(Phase.Preparing)
                        .observedGeneration(0L)
                        .reason("DiskTooSmall")
                        .message("small")),
                Reason.Stopping);
    }

    @Test
    void anIncarnationThatIsCreatedAgainToBeStoppedHasOneIfThereIsAKey() {
        VmScene missing = recorded(1).strategy(RunStrategy.Halted);
        assertThat(sealed(missing)).isTrue();
        assertThat(sealed(missing.with(UNCERTIFIED))).isFalse();
        assertThat(sealed(missing.key(NO_KEY))).isFalse();
    }

    @Test
    void noneIsSealedForANodeWhoseClusterNodeIsGone() {
        VmScene missing = recorded(1).gone("host-a");
        assertWaits(missing, Reason.CertificatePending, "check that its agent is running");
        assertThat(sealed(missing.strategy(RunStrategy.Halted))).isFalse();
    }

    @Test
    void anIncarnationWhoseNodeLostItsKeyGetsAnotherOne() {
        assertSealedAnew(reserved(1).incarnation(1, Running).with(envelopeFor(LOST)));
        assertSealedAnew(running().with(envelopeFor(LOST)));
        assertSealedAnew(
                running().incarnation(1, Running, reporting("EnvelopeRefused")).with(envelopeFor(LOST)));
        assertSealedAnew(stopping().with(envelopeFor(LOST)));
        assertSealedAnew(recorded(2)
                .incarnation(2, Running, status(Phase.Receiving))
                .incarnation(
                        2,
                        spec -> spec.arrival(new Arrival(1L, "host-b", true, false))
                                .envelope(LOST.envelope(2))));
        assertSealedAnew(stopping().with(envelopeFor(LOST)).retained().deleted());
    }

    @Test
    void aRenewedCertificateForTheSameKeyChangesNothing() {
        assertThat(running().with(envelopeFor(OWN)).with(OWNING).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(stopping().with(envelopeFor(OWN)).with(OWNING).step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void anEnvelopeStaysWhileItsNodeHasNoUsableCertificate() {
        assertThat(running().with(envelopeFor(LOST)).with(UNCERTIFIED).step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void anEnvelopeThatCannotBeReadIsSealedAnew() {
        assertSealedAnew(running().withEnvelope());
        assertSealedAnew(running().incarnation(1, spec -> spec.envelope("no base64")));
    }

    @Test
    void noneIsSealedAnewForAnIncarnationThatIsOver() {
        assertThat(over(RunStrategy.Halted).with(envelopeFor(LOST)).with(OWNING).step())
                .isInstanceOf(RemovalStep.RemoveEnvelope.class);
    }

    @Test
    void aGuestThatLeftItsNodeIsSealedThereWithANewOneToo() {
        VmScene moved = recorded(2)
                .incarnation(1, Stopped, ended(Exit.Migrated))
                .with(envelopeFor(LOST))
                .incarnation(2, Running, reported(Phase.Running))
                .incarnation(2, spec -> spec.nodeName("host-b"));
        assertThat(moved.with(OWNING)
                        .step(VmStep.SealEnvelope.class)
                        .incarnation()
                        .epoch())
                .isEqualTo(1);
    }

    @Test
    void noneIsSealedAnewWithoutTheKey() {
        assertThat(stopping().with(envelopeFor(LOST)).with(OWNING).key(NO_KEY).step())
                .isInstanceOf(VmStep.Wait.class);
    }

    /** Of epoch 1; only the owner of this key can open it. */
    private static UnaryOperator<VmScene> envelopeFor(SealingKey key) {
        return scene -> scene.incarnation(1, spec -> spec.envelope(key.envelope(1)));
    }

    private static void assertSealedAnew(VmScene scene) {
        assertThat(scene.step()).isNotInstanceOf(VmStep.SealEnvelope.class);
        assertThat(scene.with(OWNING).step()).isInstanceOf(VmStep.SealEnvelope.class);
    }

    private static VmScene stopping() {
        return stopping(reporting("Running"));
    }

    private static VmScene stopping(VMIncarnationStatusBuilder reported) {
        return running().incarnation(1, Stopped, reported).strategy(RunStrategy.Halted);
    }

    private static VmScene over(RunStrategy strategy) {
        return running().incarnation(1, Stopped, ended(Exit.Shutdown)).strategy(strategy);
    }

    private static VMIncarnationStatusBuilder reporting(String reason) {
        return reported(Phase.Stopping).reason(reason).message("because");
    }

    private static boolean sealed(VmScene scene) {
        return scene.step(VmStep.CreateIncarnation.class).sealed();
    }
}
