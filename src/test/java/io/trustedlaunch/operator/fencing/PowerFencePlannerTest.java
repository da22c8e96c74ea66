package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceSpecBuilder;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.FenceRequest;
import io.trustedlaunch.testkit.JumpingClocksContract;
import io.trustedlaunch.testkit.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PowerFencePlannerTest {
    private static final String NODE = "host-a";
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final String LATER_BOOT = "77aa6d6e-0000-0000-0000-000000000002";
    private static final String MACHINE = "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf";
    private static final String NODE_UID = "uid-a";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final FenceRequest POWER_OFF = new FenceRequest(Method.Power, BOOT, "alice");
    private static final FenceRequest STATEMENT = new FenceRequest(Method.Statement, BOOT, "alice");
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final Manifest DEVICE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: FenceDevice
            metadata: {name: bmc-a}
            spec: {nodeName: host-a, agent: fence_redfish, address: bmc-a, automatic: true, secretRef: {name: bmc-a}}
            """);

    private static final Manifest FENCE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: NodeFence
            metadata: {name: host-a-3f0c6d6e, resourceVersion: "17"}
            spec: {nodeName: host-a, bootID: %s, method: Power, automatic: true, machineUUID: %s, nodeUID: uid-a}
            status: {phase: Requested, since: "2026-03-01T12:00:00Z"}
            """.formatted(BOOT, MACHINE));

    private static final String OFF = "status: {lastResult: {fence: host-a-3f0c6d6e, answers: \"17\", power: 'Off',"
            + " observations: [Off at one, Off at two], machineUUID: " + MACHINE + ", message: observed twice}}";

    private final FenceFactsBuilder facts = FenceFactsBuilder.builder()
            .node(NODE)
            .boot(Optional.of(BOOT))
            .requests(List.of())
            .agentSilence(LONG)
            .kubeletSilence(LONG)
            .unwatched(Duration.ofSeconds(7))
            .machineUUID(Optional.of(MACHINE))
            .machineChanged(false)
            .nodeUID(NODE_UID)
            .watched(LONG)
            .beaconSeenBy(List.of())
            .outOfService(false)
            .cluster(new ClusterSilence(List.of(LONG, SHORT, SHORT), 0, 51))
            .devices(List.of(device()))
            .fences(List.of())
            .now(NOW);

    @Nested
    class ASilentNode {
        private static final NodeFenceSpec AUTOMATIC =
                spec(Method.Power).automatic(true).machineUUID(MACHINE).build();

        @Test
        void isFencedIfItsDeviceAllowsThat() {
            assertThat(FencePlanner.plan(facts.build())).containsExactly(new FenceStep.Create(AUTOMATIC));
        }

        @Test
        void isNotFencedIfItsDeviceDoesNotAllowThat() {
            facts.devices(List.of(device("spec: {automatic: false}")));
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
            facts.devices(List.of());
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
        }

        @Test
        void isNotFencedWhileItsAgentOrItsKubeletIsHeard() {
            facts.agentSilence(Duration.ofSeconds(39));
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
            facts.agentSilence(LONG).kubeletSilence(Duration.ofSeconds(39));
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
        }

        @Test
        void isNotFencedIfNoBootOfItIsKnown() {
            facts.boot(Optional.empty());
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
        }

        @Test
        void isNotFencedIfItIsSilentOnPurpose() {
            facts.outOfService(true);
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
        }

        /** What the process missed while it stood still, or while its watch did not answer, may have been renewals. */
        @Test
        void isNotFencedByAProcessThatHasNotWatchedForAsLong() {
            facts.watched(Duration.ofSeconds(39));
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
            assertThat(steps()).isEmpty();
            facts.watched(FencePlanner.SILENCE);
            assertThat(report().phase()).isEqualTo(Phase.Fencing);
        }

        @Test
        void isNotFencedIfItReportsAnotherMachineThanItWasApprovedAs() {
            facts.machineChanged(true);
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
            assertRemoved("status: {phase: Requested}");
            assertRemoved("status: {phase: Fencing}");
        }

        @ParameterizedTest
        @EnumSource(
                value = Phase.class,
                names = {"Requested", "Fencing", "Failed", "Contradicted"})
        void isNotFencedForAClusterNodeThatIsGone(Phase phase) {
            facts.nodeUID("uid-of-a-later-one");
            assertRemoved("status: {phase: " + phase + "}");
        }

        @Test
        void isLeftToThePersonWhoSaysThatItIsDead() {
            facts.requests(List.of(STATEMENT));
            assertThat(FencePlanner.plan(facts.build()))
                    .containsExactly(new FenceStep.Create(spec(Method.Statement).build()));
            assertRemoved("status: {phase: Requested}");
            assertRemoved("status: {phase: Fencing}");
            assertRemoved("status: {phase: Failed}");
        }

        @Test
        void losesItsPower() {
            assertThat(report().phase()).isEqualTo(Phase.Fencing);
        }

        @ParameterizedTest
        @EnumSource(
                value = Phase.class,
                names = {"Requested", "Fencing", "Failed"})
        void isNotFencedIfItIsHeardInTime(Phase phase) {
            NodeFence fence = fence("status: {phase: " + phase + "}");
            assertThat(steps(new Fence(fence, true, false))).singleElement().isInstanceOf(FenceStep.Remove.class);
            assertThat(steps(new Fence(fence, false, true))).singleElement().isInstanceOf(FenceStep.Remove.class);
        }

        @Test
        void isWatchedAnewByANewLeader() {
            facts.agentSilence(SHORT);
            assertThat(steps()).isEmpty();
        }
    }

    @Nested
    class AutomaticFencing {
        @ParameterizedTest
        @CsvSource({
            // silent, living, percent
            "1,1,51,true",
            "1,1,50,false",
            "1,2,51,false",
            "2,2,51,true",
            "2,3,51,false",
            "3,2,51,true",
            "2,2,50,false",
            "1,3,100,true"
        })
        void stopsBelowTheShareOfLivingNodes(int silent, int living, int percent, boolean stops) {
            List<Duration> silences = Stream.concat(
                            Collections.nCopies(silent, LONG).stream(), Collections.nCopies(living, SHORT).stream())
                    .toList();
            facts.cluster(new ClusterSilence(silences, 0, percent));
            assertThat(report().phase()).isEqualTo(stops ? Phase.Requested : Phase.Fencing);
        }

        @Test
        void countsOnNoNodeThatHasMissedTwoRenewals() {
            facts.cluster(new ClusterSilence(List.of(LONG, Duration.ofSeconds(31), Duration.ofSeconds(31)), 0, 51));
            assertThat(report().reason()).isEqualTo("TooManyNodesSilent");
        }

        @Test
        void stopsAtTheThirdNodeInTenMinutes() {
            facts.cluster(new ClusterSilence(List.of(LONG, SHORT, SHORT), 1, 51));
            assertThat(report().phase()).isEqualTo(Phase.Fencing);
            facts.cluster(new ClusterSilence(List.of(LONG, SHORT, SHORT), 2, 51));
            assertThat(report().reason()).isEqualTo("TooManyNodesSilent");
            assertThat(report().message()).contains("kubectl tlvm fence host-a");
        }

        @Test
        void isNoLimitForWhatAPersonWants() {
            facts.cluster(new ClusterSilence(List.of(LONG, LONG, SHORT), 2, 51)).requests(List.of(POWER_OFF));
            assertThat(report("spec: {automatic: false}").phase()).isEqualTo(Phase.Fencing);
        }
    }

    @Nested
    class AnIsolatedHost {
        private static final String LEAVE = "spec: {isolationResponse: LeavePoweredOn}";

        @Test
        void losesItsPowerByDefault() {
            facts.beaconSeenBy(List.of("host-b"));
            assertThat(report().phase()).isEqualTo(Phase.Fencing);
        }

        @Test
        void isLeftAloneIfItsDeviceSaysSo() {
            facts.devices(List.of(device(LEAVE))).beaconSeenBy(List.of("host-b", "host-c"));
            NodeFenceStatus status = report("status: {reason: null}");
            assertThat(status.phase()).isEqualTo(Phase.Requested);
            assertThat(status.reason()).isEqualTo("HostIsolated");
            assertThat(status.message()).contains("host-b, host-c report", "kubectl tlvm fence host-a --power-off");
        }

        @Test
        void isNotCutAgainWhileTheFencerHasNotAnswered() {
            facts.devices(List.of(device(LEAVE))).beaconSeenBy(List.of("host-b"));
            assertThat(report("status: {phase: Fencing}").reason()).isEqualTo("HostIsolated");
            facts.devices(List.of(device(LEAVE, OFF)));
            assertThat(report("status: {phase: Fencing}").phase()).isEqualTo(Phase.Proved);
        }

        @Test
        void losesItsPowerOnceNobodySeesIt() {
            facts.devices(List.of(device(LEAVE)));
            assertThat(report().phase()).isEqualTo(Phase.Fencing);
        }

        @Test
        void losesItsPowerIfAPersonWantsThat() {
            facts.devices(List.of(device(LEAVE)))
                    .beaconSeenBy(List.of("host-b"))
                    .requests(List.of(POWER_OFF));
            assertThat(report("spec: {automatic: false}").phase()).isEqualTo(Phase.Fencing);
        }
    }

    @Nested
    class APersonWhoWantsThePowerCut {
        @Test
        void getsAFence() {
            facts.requests(List.of(POWER_OFF)).agentSilence(Duration.ZERO).devices(List.of());
            assertThat(FencePlanner.plan(facts.build()))
                    .containsExactly(new FenceStep.Create(
                            spec(Method.Power).machineUUID(MACHINE).build()));
        }

        @Test
        void needsNoSilence() {
            facts.requests(List.of(POWER_OFF)).agentSilence(Duration.ZERO);
            NodeFence fence = fence("spec: {automatic: false}");
            assertThat(reported(new Fence(fence, true, true)).phase()).isEqualTo(Phase.Fencing);
            facts.devices(List.of(device(OFF)));
            fence = fence("spec: {automatic: false}", "status: {phase: Fencing}");
            assertThat(reported(new Fence(fence, true, true)).phase()).isEqualTo(Phase.Proved);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Requested", "Fencing", "Failed"})
        void mayWithdrawThatUntilItIsProved(String phase) {
            assertRemoved("spec: {automatic: false}", "status: {phase: " + phase + "}");
            assertThat(steps("spec: {automatic: false}", "status: {phase: Proved}"))
                    .isEmpty();
        }

        @Test
        void maySetTheTaintWhereItFails() {
            facts.requests(List.of(new FenceRequest(Method.OutOfService, BOOT, "somebody"), POWER_OFF));
            assertThat(steps("spec: {automatic: false}", "status: {phase: Fencing}"))
                    .isEmpty();
            assertRemoved("spec: {automatic: false}", "status: {phase: Failed}");
        }

        @Test
        void isToldThatThereIsNoDevice() {
            facts.requests(List.of(POWER_OFF)).devices(List.of());
            assertThat(report("spec: {automatic: false}", "status: {phase: Fencing}")
                            .message())
                    .startsWith("there is no FenceDevice with spec.nodeName host-a");
        }
    }

    @Nested
    class TheFencer {
        @Test
        void provesTheHostOff() {
            facts.devices(List.of(device(OFF)));
            NodeFenceStatus status = report("status: {phase: Fencing}");
            assertThat(status.phase()).isEqualTo(Phase.Proved);
            assertThat(status.proof())
                    .isEqualTo(new NodeFenceStatus.Proof(
                            "fence_redfish", "Off at one, Off at two", MACHINE, NOW.toString(), 7L));
        }

        @Test
        void mayNameTheMachineInTheOtherOrderOfBytes() {
            facts.devices(
                    List.of(device(OFF, "status: {lastResult: {machineUUID: 6f0b1fdd-2c7e-ed45-8737-b6004f4224cf}}")));
            assertThat(report("status: {phase: Fencing}").phase()).isEqualTo(Phase.Proved);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "status: {lastResult: {power: 'On'}}",
                    "status: {lastResult: {power: Unknown}}",
                    "status: {lastResult: {machineUUID: 11111111-7e2c-45ed-8737-b6004f4224cf}}",
                    "status: {lastResult: {machineUUID: null}}",
                    "spec: {agent: fence_ipmilan}",
                })
        void provesNothingByAnotherAnswer(String change) {
            facts.devices(List.of(device(OFF, change)));
            NodeFenceStatus status = report("status: {phase: Fencing}");
            assertThat(status.phase()).isEqualTo(Phase.Failed);
            assertThat(status.reason()).isEqualTo("PowerOffFailed");
            assertThat(status.proof()).isNull();
        }

        @Test
        void provesNothingOfAHostWhoseMachineIsNotKnown() {
            facts.devices(List.of(device(OFF)));
            assertThat(report("status: {phase: Fencing}", "spec: {machineUUID: null}")
                            .phase())
                    .isEqualTo(Phase.Failed);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "status: {lastResult: {fence: host-a-77aa6d6e}}",
                    "status: {lastResult: {answers: \"16\"}}",
                    "status: {lastResult: null}"
                })
        void provesNothingByAnAnswerToAnotherFence(String change) {
            facts.devices(List.of(device(OFF, change)));
            assertThat(steps("status: {phase: Fencing}")).isEmpty();
        }

        @Test
        void isMissedAfterAWhile() {
            facts.now(NOW.plus(PowerFencePlanner.ANSWER));
            NodeFenceStatus status = report("status: {phase: Fencing}");
            assertThat(status.phase()).isEqualTo(Phase.Failed);
            assertThat(status.message()).contains("trusted-launch-fencer");
        }

        @Test
        void isAskedAgainAMinuteAfterItFailed() {
            facts.now(NOW.plusSeconds(59));
            assertThat(steps("status: {phase: Failed}")).isEmpty();
            facts.now(NOW.plusSeconds(60));
            assertThat(report("status: {phase: Failed}").phase()).isEqualTo(Phase.Fencing);
        }

        @Test
        void doesNotSwitchAgainWhatIsOffByIpmi() {
            facts.now(NOW.plusSeconds(60))
                    .requests(List.of(POWER_OFF))
                    .devices(List.of(device(OFF, "spec: {agent: fence_ipmilan}")));
            assertThat(steps(
                            "spec: {automatic: false}",
                            "status: {phase: Failed}",
                            "metadata: {resourceVersion: \"18\"}"))
                    .isEmpty();
        }
    }

    @Nested
    class AProof {
        @Test
        void isContradictedByTheAgentAlone() {
            NodeFence proved = fence("status: {phase: Proved}");
            assertThat(steps(new Fence(proved, false, true))).isEmpty();
            NodeFenceStatus status = reported(new Fence(proved, true, false));
            assertThat(status.phase()).isEqualTo(Phase.Contradicted);
            assertThat(status.reason()).isEqualTo("FenceContradicted");
        }

        @Test
        void thatWasContradictedIsNotMadeAnewByTheSameDeviceUntilAPersonSaysSo() {
            assertThat(steps("status: {phase: Contradicted}")).isEmpty();
            facts.requests(List.of(POWER_OFF));
            assertRemoved("status: {phase: Contradicted}");
        }

        /** What people said before is as wrong as what the device said. */
        @Test
        void thatWasContradictedIsNotReplacedByAWordThatStoodThen() {
            facts.requests(List.of(STATEMENT));
            NodeFence fence = fence("status: {phase: Proved}");
            fence.setStatus(reported(new Fence(fence, true, false)));
            assertThat(steps(new Fence(fence, false, false))).isEmpty();
            facts.requests(List.of());
            fence.setStatus(reported(new Fence(fence, false, false)));
            assertThat(steps(new Fence(fence, false, false))).isEmpty();
            facts.requests(List.of(STATEMENT));
            assertThat(steps(new Fence(fence, false, false))).singleElement().isInstanceOf(FenceStep.Remove.class);
        }

        @Test
        void thatAPersonAskedForIsNotMadeAnewBeforeThatIsWithdrawn() {
            String contradicted = "status: {phase: Contradicted, contradictedMethods: [Power]}";
            facts.requests(List.of(POWER_OFF));
            assertThat(steps("spec: {automatic: false}", contradicted)).isEmpty();
            facts.requests(List.of(STATEMENT));
            assertRemoved("spec: {automatic: false}", contradicted);
        }

        @ParameterizedTest
        @EnumSource(
                value = Phase.class,
                names = {"Requested", "Fencing", "Failed", "Contradicted"})
        void isNotMadeOfABootThatIsOver(Phase phase) {
            facts.boot(Optional.of(LATER_BOOT)).agentSilence(SHORT).devices(List.of(device(OFF)));
            assertRemoved("status: {phase: " + phase + "}");
        }
    }

    private void assertRemoved(String... changes) {
        assertThat(steps(changes)).singleElement().isInstanceOf(FenceStep.Remove.class);
    }

    private NodeFenceStatus report(String... changes) {
        return reported(new Fence(fence(changes), false, false));
    }

    private NodeFenceStatus reported(Fence fence) {
        List<FenceStep> steps = steps(fence);
        assertThat(steps).hasSize(1);
        return ((FenceStep.Report) steps.getFirst()).status();
    }

    private List<FenceStep> steps(String... changes) {
        return steps(new Fence(fence(changes), false, false));
    }

    private List<FenceStep> steps(Fence fence) {
        return FencePlanner.plan(facts.fences(List.of(fence)).build());
    }

    private static NodeFenceSpecBuilder spec(Method method) {
        return NodeFenceSpecBuilder.builder()
                .nodeName(NODE)
                .nodeUID(NODE_UID)
                .bootID(BOOT)
                .method(method);
    }

    private static NodeFence fence(String... changes) {
        return YAML.unmarshal(changed(FENCE, changes), NodeFence.class);
    }

    private static FenceDevice device(String... changes) {
        return YAML.unmarshal(changed(DEVICE, changes), FenceDevice.class);
    }

    private static String changed(Manifest manifest, String... changes) {
        return Arrays.stream(changes)
                .reduce(manifest, Manifest::with, (one, other) -> other)
                .yaml();
    }

    @Nested
    class TheNextAttempt extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return PowerFencePlanner.RETRY;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            facts.now(now);
            return steps("status: {phase: Failed, since: \"" + since + "\"}").isEmpty();
        }
    }
}
