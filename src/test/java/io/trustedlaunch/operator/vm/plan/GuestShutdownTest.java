package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.operator.vm.plan.VmSteps.waiting;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GuestShutdownTest {
    private static final String FORCE = "; to cut its power at once: kubectl tlvm stop payroll -n finance --force";

    @Test
    void anotherGracePeriodInTheSpecCountsForAGuestThatRuns() {
        assertThat(changed(running().spec(spec -> spec.terminationGracePeriodSeconds(5))))
                .isEqualTo(5);
        assertThat(changed(running().spec(spec -> spec.terminationGracePeriodSeconds(3600))))
                .isEqualTo(3600);
        assertThat(running().step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void anotherGracePeriodInTheSpecCountsForAGuestThatIsShuttingDown() {
        assertThat(changed(stopping().spec(spec -> spec.terminationGracePeriodSeconds(5))))
                .isEqualTo(5);
    }

    @Test
    void aForcedStopLeavesTheGuestNoTime() {
        assertThat(changed(running().with(forced("1")))).isZero();
        assertThat(changed(stopping().with(forced("1")))).isZero();
        assertThat(stopping()
                        .with(forced("1"))
                        .incarnation(1, spec -> spec.terminationGracePeriodSeconds(0))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
    }

    /** Its node was proved dead, perhaps wrongly. */
    @Test
    void aGuestWhoseVmWasGivenAwayIsToldInOneWriteToStopAtOnce() {
        VmScene scene = recorded(2)
                .incarnation(1, Running, reported(Phase.Running))
                .incarnation(2, Running, reported(Phase.Preparing))
                .incarnation(2, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        assertThat(scene.step(VmStep.Retire.class).change(scene.facts()))
                .isEqualTo(Map.of("desiredState", "Stopped", "terminationGracePeriodSeconds", 0));
    }

    @Test
    void aForcedStopIsOfOneEpoch() {
        VmScene next = recorded(2).with(forced("1"));
        assertThat(created(next).terminationGracePeriodSeconds()).isEqualTo(60);
        assertThat(next.incarnation(2, Running, reported(Phase.Running)).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(running().with(forced("2")).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(running().with(forced("all")).step()).isInstanceOf(VmStep.Settled.class);
    }

    /** Its agent's last report must stay about the present spec. */
    @Test
    void anIncarnationWhoseGuestHasNotRunOrHasEndedIsLeftAlone() {
        assertThat(reserved(1).incarnation(1, Running).with(forced("1")).step()).isInstanceOf(VmStep.Wait.class);
        assertThat(running()
                        .strategy(RunStrategy.Halted)
                        .incarnation(1, Stopped, ended(Exit.Shutdown))
                        .with(forced("1"))
                        .step())
                .isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void aForcedStopCountsForAVmThatIsBeingDeletedOrRetained() {
        VmScene erasing = running()
                .incarnation(1, Erased, reported(Phase.Stopping))
                .key(NO_KEY)
                .deleted();
        assertThat(erasing.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(changed(erasing.with(forced("1")))).isZero();
        assertThat(changed(stopping().retained().deleted().with(forced("1")))).isZero();
    }

    @Test
    void theTimeThatTheGuestHasIsShown() {
        VmScene running = running().strategy(RunStrategy.Halted);
        assertThat(ready(running)).isEqualTo("stopping the guest on host-a, which has 60 s to shut down");
        assertThat(waiting(stopping()).message()).isEqualTo(ready(running));
        assertThat(ready(running.incarnation(1, spec -> spec.terminationGracePeriodSeconds(0))
                        .with(forced("1"))))
                .isEqualTo("cutting the power of the guest on host-a");
    }

    @Test
    void theDeadlineIsShownWithTheNextStep() {
        VmScene stopping = stopping().incarnation(1, Stopped, untilNoon());
        assertThat(waiting(stopping).reason()).isEqualTo(Reason.Stopping);
        assertThat(waiting(stopping).message())
                .isEqualTo("stopping on host-a: the guest has until 2026-01-01T12:00:00Z to shut down" + FORCE);
        assertThat(waiting(stopping.strategy(RunStrategy.Always)).reason()).isEqualTo(Reason.Restarting);
        assertThat(waiting(running()
                                .incarnation(1, Erased, untilNoon())
                                .key(NO_KEY)
                                .deleted())
                        .message())
                .contains(": the guest has until 2026-01-01T12:00:00Z to shut down" + FORCE);
        assertThat(waiting(stopping()
                                .incarnation(1, Stopped, untilNoon())
                                .retained()
                                .deleted())
                        .message())
                .endsWith(": the guest has until 2026-01-01T12:00:00Z to shut down" + FORCE);
    }

    private static VMIncarnationStatusBuilder untilNoon() {
        return reported(Phase.Stopping)
                .reason(Reason.Stopping.name())
                .message("the guest has until 2026-01-01T12:00:00Z to shut down");
    }

    private static VmScene stopping() {
        return running().strategy(RunStrategy.Halted).incarnation(1, Stopped, reported(Phase.Running));
    }

    private static UnaryOperator<VmScene> forced(String epoch) {
        return scene -> scene.metadata(metadata -> metadata.addToAnnotations(Api.FORCE_STOP, epoch));
    }

    private static int changed(VmScene scene) {
        return scene.step(VmStep.SetGracePeriod.class).seconds();
    }

    private static String ready(VmScene scene) {
        return scene.newStatus().conditions().getFirst().getMessage();
    }
}
