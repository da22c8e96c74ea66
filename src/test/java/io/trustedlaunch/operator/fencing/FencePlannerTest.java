package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceSpecBuilder;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.FenceRequest;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FencePlannerTest {
    private static final String NODE = "host-a";
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final String LATER_BOOT = "77aa6d6e-0000-0000-0000-000000000002";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final FenceRequest STATEMENT = new FenceRequest(Method.Statement, BOOT, "alice");
    private static final FenceRequest TAINT = new FenceRequest(Method.OutOfService, BOOT, "somebody");

    private final FenceFactsBuilder facts = FenceFactsBuilder.builder()
            .node(NODE)
            .boot(Optional.of(BOOT))
            .requests(List.of())
            .agentSilence(Duration.ofHours(1))
            .kubeletSilence(Duration.ofHours(1))
            .unwatched(Duration.ofSeconds(7))
            .machineUUID(Optional.of("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf"))
            .machineChanged(false)
            .nodeUID("uid-a")
            .watched(Duration.ofHours(1))
            .beaconSeenBy(List.of())
            .outOfService(false)
            .cluster(new ClusterSilence(List.of(), 0, 51))
            .devices(List.of())
            .fences(List.of())
            .now(NOW);

    @Nested
    class Silence {
        @Test
        void isNoProof() {
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
        }

        @Test
        void ofTheAgentAloneDoesNotSupportAWord() {
            facts.requests(List.of(STATEMENT)).kubeletSilence(Duration.ofSeconds(39));
            assertThat(report(Phase.Requested).phase()).isEqualTo(Phase.Requested);
        }

        @Test
        void ofTheKubeletAloneDoesNotSupportAWord() {
            facts.requests(List.of(STATEMENT)).agentSilence(Duration.ofSeconds(39));
            assertThat(report(Phase.Requested).phase()).isEqualTo(Phase.Requested);
        }

        @Test
        void ofBothMakesAWordAProof() {
            facts.requests(List.of(STATEMENT));
            NodeFenceStatus status = report(Phase.Requested);
            assertThat(status.phase()).isEqualTo(Phase.Proved);
            assertThat(status.proof().source()).isEqualTo("alice");
            assertThat(status.since()).isEqualTo(NOW.toString());
        }
    }

    @Nested
    class AWord {
        @Test
        void asksForAFenceOfTheBootThatItIsAbout() {
            facts.requests(List.of(STATEMENT));
            assertThat(FencePlanner.plan(facts.build()))
                    .containsExactly(new FenceStep.Create(spec(BOOT, Method.Statement)));
        }

        @Test
        void aboutAnEarlierBootAsksForNothing() {
            facts.requests(List.of(STATEMENT)).boot(Optional.of(LATER_BOOT));
            assertThat(FencePlanner.plan(facts.build())).isEmpty();
        }

        @Test
        void thatIsContradictedByTheAgentStartsNothing() {
            facts.requests(List.of(STATEMENT));
            assertThat(report(Phase.Requested, true, false).phase()).isEqualTo(Phase.Contradicted);
        }

        @Test
        void thatIsContradictedByTheKubeletStartsNothing() {
            facts.requests(List.of(STATEMENT));
            assertThat(report(Phase.Requested, false, true).phase()).isEqualTo(Phase.Contradicted);
        }

        @Test
        void thatWasContradictedCountsOnlyWhenItIsGivenAnew() {
            facts.requests(List.of(STATEMENT));
            NodeFence fence = contradicted();
            assertThat(fence.getStatus().message()).contains("Remove spec.fencing.statement");
            assertThat(steps(fence)).isEmpty();
            facts.requests(List.of());
            assertThat(steps(fence)).hasOnlyElementsOfType(FenceStep.Remove.class);
        }

        /** A NodeFence by the other one would not know that the host was heard. */
        @Test
        void thatWasContradictedBesideAnotherCountsOnlyWhenBothAreWithdrawn() {
            facts.requests(List.of(STATEMENT, TAINT));
            NodeFence fence = contradicted();
            assertThat(fence.getStatus().contradictedMethods()).containsExactly(Method.Statement, Method.OutOfService);
            facts.requests(List.of(TAINT));
            fence.setStatus(reported(fence));
            assertThat(fence.getStatus().phase()).isEqualTo(Phase.Contradicted);
            assertThat(fence.getStatus().contradictedMethods()).containsExactly(Method.OutOfService);
            facts.requests(List.of(STATEMENT, TAINT));
            fence.setStatus(reported(fence));
            facts.requests(List.of(STATEMENT));
            fence.setStatus(reported(fence));
            assertThat(fence.getStatus().contradictedMethods()).containsExactly(Method.Statement);
            facts.requests(List.of());
            assertThat(steps(fence)).hasOnlyElementsOfType(FenceStep.Remove.class);
        }

        @Test
        void thatIsWithdrawnInTimeStartsNothing() {
            assertThat(steps(Phase.Requested, false, false))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            FenceStep.Remove.class,
                            remove -> assertThat(remove.why()).contains("not said any more"));
        }

        @Test
        void ofAnotherKindDoesNotStandForOneThatIsWithdrawn() {
            facts.requests(List.of(TAINT));
            assertThat(steps(Phase.Requested, false, false)).hasOnlyElementsOfType(FenceStep.Remove.class);
        }
    }

    @Nested
    class AFenceWhoseClusterNodeIsGone {
        @ParameterizedTest
        @EnumSource(
                value = Phase.class,
                names = {"Requested", "Fencing", "Failed", "Contradicted"})
        void isRemoved(Phase phase) {
            assertThat(FencePlanner.withoutNode(fence(phase), NOW)).containsInstanceOf(FenceStep.Remove.class);
        }

        /** VMs of the node may still have to start elsewhere. */
        @Test
        void staysIfItProvesTheNodeDead() {
            assertThat(FencePlanner.withoutNode(fence(Phase.Proved), NOW)).isEmpty();
        }

        @Test
        void isRemovedADayAfterTheHostWasBack() {
            NodeFence released = fence(Phase.Released);
            assertThat(FencePlanner.withoutNode(released, NOW)).isEmpty();
            assertThat(FencePlanner.withoutNode(
                            released, NOW.plus(FencePlanner.RETENTION).plusSeconds(1)))
                    .containsInstanceOf(FenceStep.Remove.class);
        }
    }

    @Nested
    class AProof {
        @Test
        void staysWhenTheWordIsWithdrawn() {
            assertThat(steps(Phase.Proved, false, false)).isEmpty();
        }

        @Test
        void endsWhenThatBootIsHeard() {
            facts.requests(List.of(STATEMENT));
            NodeFenceStatus status = report(Phase.Proved, true, false);
            assertThat(status.phase()).isEqualTo(Phase.Contradicted);
            assertThat(status.message()).startsWith("its agent was heard");
        }

        @Test
        void isReleasedWhenTheHostIsInAnotherBoot() {
            facts.boot(Optional.of(LATER_BOOT));
            assertThat(report(Phase.Proved, true, true).phase()).isEqualTo(Phase.Released);
        }

        @Test
        void saysNothingOfALaterBoot() {
            FenceRequest taint = new FenceRequest(Method.OutOfService, LATER_BOOT, "somebody");
            facts.boot(Optional.of(LATER_BOOT)).requests(List.of(taint));
            assertThat(steps(Phase.Released, false, false))
                    .containsExactly(new FenceStep.Create(spec(LATER_BOOT, Method.OutOfService)));
        }

        @Test
        void isShownForADayAfterTheHostIsBack() {
            facts.boot(Optional.of(LATER_BOOT));
            assertThat(steps(Phase.Released, false, false)).isEmpty();
            facts.now(NOW.plus(FencePlanner.RETENTION).plusSeconds(1));
            assertThat(steps(Phase.Released, false, false)).hasOnlyElementsOfType(FenceStep.Remove.class);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Requested", "Contradicted"})
    void whatWasNeverProvedGoesWhenTheHostIsInAnotherBoot(Phase phase) {
        facts.requests(List.of(STATEMENT)).boot(Optional.of(LATER_BOOT));
        assertThat(steps(phase, false, false)).hasOnlyElementsOfType(FenceStep.Remove.class);
    }

    @Test
    void theSameIsNotReportedTwice() {
        facts.requests(List.of(STATEMENT)).agentSilence(Duration.ZERO);
        NodeFence fence = fence(Phase.Requested);
        fence.setStatus(reported(List.of(new Fence(fence, false, false))));
        facts.fences(List.of(new Fence(fence, false, false)));
        assertThat(FencePlanner.plan(facts.build())).isEmpty();
    }

    @Nested
    class Retention extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return FencePlanner.RETENTION;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            NodeFence released = fence(Phase.Released);
            released.setStatus(NodeFenceStatusBuilder.builder(released.getStatus())
                    .since(since.toString())
                    .build());
            return FencePlanner.plan(facts.now(now)
                                    .fences(List.of(new Fence(released, false, false)))
                                    .build())
                            .isEmpty()
                    && FencePlanner.withoutNode(released, now).isEmpty();
        }
    }

    /** It counts as an attempt, and is kept, for as long as one that was recorded now. */
    @ParameterizedTest
    @EnumSource(Phase.class)
    void aPhaseThatBeginsInTheFutureBeginsNow(Phase phase) {
        facts.requests(phase == Phase.Requested ? List.of(STATEMENT) : List.of());
        NodeFence ahead = fence(phase);
        ahead.setStatus(NodeFenceStatusBuilder.builder(ahead.getStatus())
                .since(NOW.plus(Duration.ofDays(1461)).toString())
                .build());
        List<FenceStep> steps = steps(ahead);
        assertThat(steps).hasSize(1);
        if (steps.getFirst() instanceof FenceStep.Report(NodeFence fence, NodeFenceStatus status)) {
            assertThat(status.since()).isEqualTo(NOW.toString());
        } else {
            assertThat(steps).hasOnlyElementsOfType(FenceStep.Remove.class);
            assertThat(phase).isNotIn(Phase.Proved, Phase.Released);
        }
    }

    /** Its new beginning must not stand before that. */
    @Test
    void aProofOfTheFutureEndsWhenThatBootIsHeard() {
        NodeFence ahead = fence(Phase.Proved);
        ahead.setStatus(NodeFenceStatusBuilder.builder(ahead.getStatus())
                .since(NOW.plus(Duration.ofDays(1)).toString())
                .build());
        assertThat(reported(List.of(new Fence(ahead, true, false))).phase()).isEqualTo(Phase.Contradicted);
    }

    /** The host was heard while people said what they say now. */
    private NodeFence contradicted() {
        NodeFence fence = fence(Phase.Requested);
        fence.setStatus(reported(List.of(new Fence(fence, true, false))));
        return fence;
    }

    private NodeFenceStatus reported(NodeFence fence) {
        return reported(List.of(new Fence(fence, false, false)));
    }

    private List<FenceStep> steps(NodeFence fence) {
        return FencePlanner.plan(
                facts.fences(List.of(new Fence(fence, false, false))).build());
    }

    private NodeFenceStatus report(Phase phase) {
        return report(phase, false, false);
    }

    private NodeFenceStatus report(Phase phase, boolean agentHeard, boolean kubeletHeard) {
        return reported(List.of(new Fence(fence(phase), agentHeard, kubeletHeard)));
    }

    private NodeFenceStatus reported(List<Fence> fences) {
        List<FenceStep> steps = FencePlanner.plan(facts.fences(fences).build());
        assertThat(steps).hasSize(1);
        return ((FenceStep.Report) steps.getFirst()).status();
    }

    private List<FenceStep> steps(Phase phase, boolean agentHeard, boolean kubeletHeard) {
        return FencePlanner.plan(facts.fences(List.of(new Fence(fence(phase), agentHeard, kubeletHeard)))
                .build());
    }

    private static NodeFenceSpec spec(String boot, Method method) {
        return NodeFenceSpecBuilder.builder()
                .nodeName(NODE)
                .nodeUID("uid-a")
                .bootID(boot)
                .method(method)
                .build();
    }

    private static NodeFence fence(Phase phase) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(
                new ObjectMetaBuilder().withName(NodeFence.nameOf(NODE, BOOT)).build());
        fence.setSpec(new NodeFenceSpec(NODE, BOOT, Method.Statement));
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(phase)
                .since(NOW.toString())
                .message("")
                .build());
        return fence;
    }
}
