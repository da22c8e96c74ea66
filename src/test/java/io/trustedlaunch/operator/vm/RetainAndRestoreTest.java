package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A VM is retained, taken over by another and deleted; the operator dies around any write. */
class RetainAndRestoreTest {
    private static final FakeCluster CLUSTER = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"));

    /** More than the whole story has. */
    private static final int MOST_PASSES = 60;

    private final FakeApiServer server = CLUSTER.server();
    private final List<FakeAgent> agents = CLUSTER.agents(server);
    private FakeOperator operator;
    private int started;
    private int writesUntilDeath = Integer.MAX_VALUE;
    private boolean before;

    @ParameterizedTest(name = "death {1} write {0}")
    @CsvSource({
        "1,before",
        "1,after",
        "2,before",
        "2,after",
        "3,before",
        "3,after",
        "4,before",
        "4,after",
        "5,before",
        "5,after",
        "6,before",
        "6,after",
        "7,before",
        "7,after"
    })
    void theVmIsRetainedCompletelyWhereverTheOperatorDies(int write, String when) {
        run(VmScene.applied().retained());
        String tpm = onlyRunning().tpm();

        dieAround(write, when);
        server.delete(only(TrustedLaunchVM.class));
        settle();

        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
        assertThat(server.seen(VMIncarnation.class)).isEmpty();
        assertThat(agents).noneMatch(FakeAgent::runs);
        Secret key = only(Secret.class);
        assertThat(key.isMarkedForDeletion()).isFalse();
        assertThat(key.getMetadata().getAnnotations())
                .containsKey(Api.RETAINED_VM)
                .doesNotContainKey(Api.TAKEN_OVER_BY);
        assertThat(agents).filteredOn(agent -> tpm.equals(agent.tpm())).hasSize(1);
    }

    @ParameterizedTest(name = "death {1} write {0}")
    @CsvSource({
        "1,before",
        "1,after",
        "2,before",
        "2,after",
        "3,before",
        "3,after",
        "4,before",
        "4,after",
        "5,before",
        "5,after",
        "6,before",
        "6,after",
        "7,before",
        "7,after"
    })
    void theVmIsTakenOverAndThenDeletedWhereverTheOperatorDies(int write, String when) {
        keep();
        dieAround(write, when);
        run(VmScene.applied().restoring());

        TrustedLaunchVM vm = only(TrustedLaunchVM.class);
        assertThat(vm.getMetadata().getUid()).isEqualTo(VmScene.OWN_UID);
        assertThat(vm.getStatus().epoch()).isEqualTo(2);
        assertThat(vm.getStatus().vTPM().ekDigest()).isEqualTo(onlyRunning().tpm());
        assertThat(agents.stream().mapToInt(FakeAgent::tpmsMade).sum()).isEqualTo(1);
        assertThat(only(VMIncarnation.class).getMetadata().getName()).isEqualTo(Vms.UID + "-2");

        server.delete(vm);
        settle();
        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
        assertThat(server.seen(VMIncarnation.class)).isEmpty();
        assertThat(server.secrets()).isZero();
        assertThat(agents).allMatch(FakeAgent::hasNothing);
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
        for (int pass = 0; pass < passes; pass++) {
            operator.look();
            operator.pass();
        }
        server.delete(only(TrustedLaunchVM.class));
        settle();
        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
        assertThat(only(Secret.class).getMetadata().getAnnotations())
                .containsKey(Api.RETAINED_VM)
                .doesNotContainKey(Api.TAKEN_OVER_BY);

        TrustedLaunchVM next = VmScene.applied().restoring().facts().vm();
        next.getMetadata().setUid("uid-of-the-next");
        run(next);
        assertThat(onlyRunning().tpm()).isEqualTo(tpm);
    }

    private void keep() {
        run(VmScene.applied().retained());
        server.delete(only(TrustedLaunchVM.class));
        settle();
        assertThat(server.seen(TrustedLaunchVM.class)).isEmpty();
    }

    private void run(VmScene scene) {
        run(scene.facts().vm());
    }

    private void run(TrustedLaunchVM vm) {
        server.createIfAbsent(vm);
        settle();
        assertThat(onlyRunning().tpm()).isNotNull();
    }

    private void dieAround(int write, String when) {
        writesUntilDeath = write;
        before = when.equals("before");
    }

    private void settle() {
        begin();
        for (int pass = 0; pass < MOST_PASSES; pass++) {
            try {
                operator.look();
                operator.pass();
            } catch (FakeOperator.Crash crash) {
                begin();
            }
            agents.forEach(FakeAgent::act);
        }
    }

    private void begin() {
        String leader = "operator-" + ++started;
        operator = CLUSTER.operator(server, leader, List.of("host-a", "host-b"));
        operator.dieAround(writesUntilDeath, before);
        writesUntilDeath = Integer.MAX_VALUE;
        agents.forEach(agent -> agent.answer(leader, Vms.UID));
    }

    private FakeAgent onlyRunning() {
        List<FakeAgent> running = agents.stream().filter(FakeAgent::runs).toList();
        assertThat(running).hasSize(1);
        return running.getFirst();
    }

    private <T extends io.fabric8.kubernetes.api.model.HasMetadata> T only(Class<T> kind) {
        List<T> all = server.all(kind).toList();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }
}
