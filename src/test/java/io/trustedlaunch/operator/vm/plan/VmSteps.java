package io.trustedlaunch.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import java.util.List;

/** What the planner makes of a scene, for the steps that most tests look into. */
public final class VmSteps {
    private VmSteps() {}

    /** The incarnation that is created. */
    public static VMIncarnationSpec created(VmScene scene) {
        return scene.step(VmStep.CreateIncarnation.class).incarnation().getSpec();
    }

    public static Problem refusal(VmScene scene) {
        return scene.step(VmStep.Refuse.class).problem();
    }

    /** What is waited for. */
    public static Problem waiting(VmScene scene) {
        return scene.step(VmStep.Wait.class).problem();
    }

    public static void assertRefused(VmScene scene, Reason reason, String... texts) {
        assertProblem(refusal(scene), reason, texts);
    }

    public static void assertWaits(VmScene scene, Reason reason, String... texts) {
        assertProblem(waiting(scene), reason, texts);
    }

    private static void assertProblem(Problem problem, Reason reason, String... texts) {
        assertThat(problem.reason()).isEqualTo(reason);
        assertThat(List.of(texts))
                .allSatisfy(text -> assertThat(problem.message()).contains(text));
    }

    public static void assertReleasedWithItsIncarnation(VmScene scene) {
        RemovalStep.Release release = scene.step(RemovalStep.Release.class);
        assertThat(release.remains()).hasSize(1);
        assertThat(release.lost()).isEmpty();
    }

    public static void assertStartsOn(String node, VmScene scene) {
        assertThat(scene.step(VmStep.ReserveEpoch.class).node()).isEqualTo(node);
    }
}
