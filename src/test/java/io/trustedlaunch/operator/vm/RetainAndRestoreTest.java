package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A VM is retained, taken over by another and deleted; the operator dies around any write. */
class RetainAndRestoreTest {
    private static final FakeCluster CLUSTER = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"));

    /** More than are needed. */
    private static final int ROUNDS = 60;

    private final History history = new History(CLUSTER, FakeCluster::agents);
    private final FakeApiServer server = history.server;
    private final List<FakeAgent> agents = history.agents;
    private int writesUntilDeath = Integer.MAX_VALUE;
    private boolean diesBefore;

    static Stream<Arguments> deaths() {
        return IntStream.rangeClosed(1, 7)
                .boxed()
                .flatMap(write -> Stream.of(true, false).map(before -> arguments(write, before)));
    }

    @ParameterizedTest(name = "death at write {0}, before it: {1}")
    @MethodSource("deaths")
    void theVmIsRetainedCompletelyWhereverTheOperatorDies(int write, boolean before) {
        run(VmScene.applied().retained());
        String tpm = history.onlyRunning().tpm();

        dieAround(write, before);
        server.delete(history.only(TrustedLaunchVM.class));
        settle();

        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
        assertThat(server.seen(VMIncarnation.class)).isEmpty();
        assertThat(agents).noneMatch(FakeAgent::runs);
        Secret key = history.only(Secret.class);
        assertThat(key.isMarkedForDeletion()).isFalse();
        assertThat(key.getMetadata().getAnnotations())
                .containsKey(Api.RETAINED_VM)
                .doesNotContainKey(Api.TAKEN_OVER_BY);
        assertThat(agents).filteredOn(agent -> tpm.equals(agent.tpm())).hasSize(1);
    }

    @ParameterizedTest(name = "death at write {0}, before it: {1}")
    @MethodSource("deaths")
    void theVmIsTakenOverAndThenDeletedWhereverTheOperatorDies(int write, boolean before) {
        keep();
        dieAround(write, before);
        run(VmScene.applied().restoring());

        TrustedLaunchVM vm = history.only(TrustedLaunchVM.class);
        assertThat(vm.getMetadata().getUid()).isEqualTo(VmScene.OWN_UID);
        assertThat(vm.getStatus().epoch()).isEqualTo(2);
        assertThat(vm.getStatus().vTPM().ekDigest())
                .isEqualTo(history.onlyRunning().tpm());
        assertThat(history.tpmsMade()).isEqualTo(1);
        assertThat(history.only(VMIncarnation.class).getMetadata().getName()).isEqualTo(Vms.UID + "-2");

        server.delete(vm);
        settle();
        history.assertNothingIsLeft();
    }

    @ParameterizedTest(name = "after {0} passes")
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aVmThatIsDeletedDuringItsTakeoverLeavesTheRetainedVmToTheNext(int passes) {
        keep();
        String tpm = agents.stream()
                .map(FakeAgent::tpm)
                .filter(found -> found != null)
                .findFirst()
                .orElseThrow();
        server.createIfAbsent(VmScene.applied().restoring().retained().facts().vm());
        FakeOperator operator = history.succeed();
        for (int pass = 0; pass < passes; pass++) {
            operator.lookAndPass();
        }
        server.delete(history.only(TrustedLaunchVM.class));
        settle();
        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
        assertThat(history.only(Secret.class).getMetadata().getAnnotations())
                .containsKey(Api.RETAINED_VM)
                .doesNotContainKey(Api.TAKEN_OVER_BY);

        TrustedLaunchVM next = VmScene.applied().restoring().facts().vm();
        next.getMetadata().setUid("uid-of-the-next");
        run(next);
        assertThat(history.onlyRunning().tpm()).isEqualTo(tpm);
    }

    private void keep() {
        run(VmScene.applied().retained());
        server.delete(history.only(TrustedLaunchVM.class));
        settle();
        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
    }

    private void run(VmScene scene) {
        run(scene.facts().vm());
    }

    private void run(TrustedLaunchVM vm) {
        server.createIfAbsent(vm);
        settle();
        assertThat(history.onlyRunning().tpm()).isNotNull();
    }

    private void dieAround(int write, boolean before) {
        writesUntilDeath = write;
        diesBefore = before;
    }

    private void settle() {
        history.succeed().dieAround(writesUntilDeath, diesBefore);
        writesUntilDeath = Integer.MAX_VALUE;
        history.play(ROUNDS);
    }
}
