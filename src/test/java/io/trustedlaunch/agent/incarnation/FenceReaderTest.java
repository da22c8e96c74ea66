package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.trustedlaunch.agent.location.Stillness;
import io.trustedlaunch.agent.location.Stillness.Moving;
import io.trustedlaunch.agent.location.Stillness.NotShared;
import io.trustedlaunch.agent.location.Stillness.NotWatched;
import io.trustedlaunch.agent.location.Stillness.Still;
import io.trustedlaunch.agent.location.Stillness.Unreadable;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.testkit.Nodes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class FenceReaderTest {
    private static final String NAME = "host-a-3f0c6d6e";
    private static final Instant NOW = Instant.parse("2026-11-24T00:41:15.4Z");
    private static final Path LOCATION = Path.of("/srv/vms");
    private static final Optional<NodeFence> WORD = fence(Method.Statement, Phase.Proved);

    private List<String> shared = List.of();

    @Test
    void aWordCountsWhereTheNodesBeaconWasSeenToMoveAndStandsStillNow() {
        assertThat(problem(WORD, new Still(true))).isEmpty();
        assertThat(reason(WORD, new Moving(Duration.ofSeconds(7)))).contains(Reason.AwaitingFence);
        assertThat(reason(WORD, new NotWatched(Duration.ofSeconds(7)))).contains(Reason.AwaitingFence);
        assertThat(problem(WORD, new Unreadable("the file server is away")))
                .map(Problem::message)
                .get(as(STRING))
                .endsWith("the file server is away");
    }

    /** Not how long it has been, which is another text each time. */
    @Test
    void whoWaitsIsToldUntilWhenAtLeast() {
        assertThat(problem(WORD, new Moving(Duration.ofMillis(7_400))))
                .map(Problem::message)
                .get(as(STRING))
                .contains("until 2026-11-24T00:43:08Z at the earliest", "it wrote at 2026-11-24T00:41:08Z");
        assertThat(problem(WORD, new NotWatched(Duration.ofSeconds(30))))
                .map(Problem::message)
                .get(as(STRING))
                .contains("until 2026-11-24T00:42:45Z at the earliest", "has watched since 2026-11-24T00:40:45Z");
    }

    /** An agent that begins after the death of the other node has not seen its beacon move. */
    @Test
    void aBeaconThatStoodStillFromTheBeginningCountsWhereTheFolderIsOnRecordAsShared() {
        assertThat(reason(WORD, new Still(false))).contains(Reason.PowerProofRequired);
        shared = List.of("host-a", "host-c");
        assertThat(reason(WORD, new Still(false))).contains(Reason.PowerProofRequired);
        shared = List.of("host-a", "host-b");
        assertThat(problem(WORD, new Still(false))).isEmpty();
    }

    /** A restore on another node, or an approved start where a guest left its disks. */
    @Test
    void aWordIsNoProofWhereNothingCouldContradictIt() {
        shared = List.of("host-a", "host-b");
        assertThat(problem(WORD, new NotShared())).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.PowerProofRequired);
            assertThat(problem.message())
                    .contains(NAME, "host-a", LOCATION.toString(), Api.ACCEPTED_FENCE, "--power-off");
        });
        assertThat(reason(fence(Method.OutOfService, Phase.Proved), new NotShared()))
                .contains(Reason.PowerProofRequired);
    }

    @Test
    void powerThatIsOffAndANodeThatIsBackInAnotherBootNeedNoBeacon() {
        assertThat(problem(fence(Method.Power, Phase.Proved), new NotShared())).isEmpty();
        assertThat(problem(fence(Method.Power, Phase.Proved), new Still(false))).isEmpty();
        assertThat(problem(fence(Method.Statement, Phase.Released), new NotShared()))
                .isEmpty();
        assertThat(problem(fence(Method.Power, Phase.Released), new Moving(Duration.ZERO)))
                .isEmpty();
    }

    /** Its controller lies, or switches another machine. */
    @Test
    void powerIsNotOffWhileTheNodeWrites() {
        Optional<NodeFence> off = fence(Method.Power, Phase.Proved);
        Duration almost = Stillness.ONE_BEAT.minusSeconds(1);

        assertThat(problem(off, new Moving(almost))).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.AwaitingFence);
            assertThat(problem.message())
                    .contains("until 2026-11-24T00:41:16Z at the earliest", "it wrote at 2026-11-24T00:40:31Z", NAME)
                    .endsWith("power it off by hand, and check its FenceDevice");
        });
        assertThat(reason(off, new NotWatched(almost))).contains(Reason.AwaitingFence);
        assertThat(reason(off, new Unreadable("no agent wrote it"))).contains(Reason.AwaitingFence);
        assertThat(problem(off, new Moving(Stillness.ONE_BEAT))).isEmpty();
        assertThat(problem(off, new NotWatched(Stillness.ONE_BEAT))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            mode = Mode.EXCLUDE,
            names = {"Proved", "Released"})
    void noGuestRunsWhileTheFenceProvesNothing(Phase phase) {
        assertThat(problem(fence(Method.Power, phase), new Still(true))).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.FenceContradicted);
            assertThat(problem.message()).contains(NAME, phase.name(), "kubectl describe nodefence");
        });
    }

    /** It may be younger than the backup that the API server's data was restored from. */
    @Test
    void noGuestRunsAfterAFenceThatDoesNotExist() {
        assertThat(problem(Optional.empty(), new Still(true))).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.FenceContradicted);
            assertThat(problem.message()).contains(NAME, "does not exist", "kubectl tlvm fence");
        });
    }

    private Optional<Reason> reason(Optional<NodeFence> fence, Stillness stillness) {
        return problem(fence, stillness).map(Problem::reason);
    }

    private Optional<Problem> problem(Optional<NodeFence> fence, Stillness stillness) {
        return new FenceReader(
                        "host-b",
                        name -> fence,
                        (path, node) -> seen(path, node, stillness),
                        () -> List.of(location()),
                        () -> NOW)
                .problem(NAME, LOCATION);
    }

    private static Stillness seen(Path path, String node, Stillness stillness) {
        assertThat(path).isEqualTo(LOCATION);
        assertThat(node).isEqualTo("host-a");
        return stillness;
    }

    private StorageLocation location() {
        StorageLocation location = new StorageLocation();
        location.setSpec(new StorageLocationSpec(LOCATION.toString(), List.of()));
        location.setStatus(Nodes.sharedBy(shared));
        return location;
    }

    private static Optional<NodeFence> fence(Method method, Phase phase) {
        NodeFence fence = new NodeFence();
        fence.setSpec(new NodeFenceSpec("host-a", "3f0c6d6e-0000-0000-0000-000000000001", method));
        fence.setStatus(NodeFenceStatusBuilder.builder().phase(phase).build());
        return Optional.of(fence);
    }
}
