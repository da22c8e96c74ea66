package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A VM is retained, taken over by another and deleted; the operator dies around any write. */
class RetainAndRestoreTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");

    @AfterEach
    void close() {
        cluster.close();
    }

    static Stream<Arguments> deaths() {
        return IntStream.rangeClosed(1, 7)
                .boxed()
                .flatMap(write -> Stream.of(true, false).map(before -> arguments(write, before)));
    }

    @ParameterizedTest(name = "death at write {0}, before it: {1}")
    @MethodSource("deaths")
    void theVmIsRetainedCompletelyWhereverTheOperatorDies(int write, boolean before) {
        run(VmScene.applied().retained().vm());

        cluster.leader().writer().dieAround(write, before);
        cluster.users.delete();
        cluster.settle();

        assertIsRetained();
        HomeView home = cluster.home(cluster.host("host-a"));
        assertThat(home.tpm(home.versions().getLast(), key())).isPresent();
    }

    @ParameterizedTest(name = "death at write {0}, before it: {1}")
    @MethodSource("deaths")
    void theVmIsTakenOverAndThenDeletedWhereverTheOperatorDies(int write, boolean before) {
        retain();
        cluster.leader().writer().dieAround(write, before);
        run(VmScene.applied().restoring().vm());

        TrustedLaunchVM vm = cluster.vm().orElseThrow();
        assertThat(vm.getMetadata().getUid()).isEqualTo(VmScene.OWN_UID);
        assertThat(vm.getStatus().epoch()).isEqualTo(2);
        assertThat(cluster.tpms.made()).isEqualTo(1);
        assertThat(cluster.incarnations())
                .singleElement()
                .satisfies(one -> assertThat(one.getMetadata().getName()).isEqualTo(Vms.UID + "-2"));

        cluster.users.delete();
        cluster.settle();
        cluster.users.assertNothingIsLeft(ClusterUnderTest.VM);
    }

    @ParameterizedTest(name = "after {0} passes")
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aVmThatIsDeletedDuringItsTakeoverLeavesTheRetainedVmToTheNext(int passes) {
        retain();
        cluster.apply(VmScene.applied().restoring().retained().vm());
        for (int pass = 0; pass < passes; pass++) {
            cluster.operate();
        }
        cluster.users.delete();
        cluster.settle();
        assertIsRetained();

        runNext();
    }

    /** A person deletes the Secret, and puts it back while the VM waits for it. */
    @Test
    void aVmThatTookAnotherOverIsNotReleasedWithoutItsKey() {
        retain();
        cluster.apply(VmScene.applied()
                .retained()
                .restoring()
                .strategy(RunStrategy.Halted)
                .vm());
        cluster.settle();
        assertThat(cluster.incarnations()).isEmpty();
        Secret taken = key();
        cluster.server.remove(taken);
        cluster.users.delete();
        cluster.settle();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo(Reason.KeyMissing.name());

        cluster.server.put(taken);
        cluster.settle();

        assertIsRetained();
        runNext();
    }

    private void runNext() {
        TrustedLaunchVM next = VmScene.applied().restoring().vm();
        next.getMetadata().setUid("uid-of-the-next");
        run(next);
        assertThat(cluster.tpms.made()).isEqualTo(1);
    }

    /** It is retained if there is a TPM, which nobody knows before the host is proved dead. */
    @Test
    void aVmThatIsDeletedDuringItsFirstStartOnANodeOutOfServiceIsGoneOnceThatIsProvedDead() {
        cluster.apply(VmScene.applied().retained().vm());
        cluster.hosts.forEach(host -> host.lackImage(true));
        cluster.roundsUntil(() -> cluster.incarnation(1).isPresent());
        Host host = cluster.host(cluster.incarnation(1).orElseThrow().getSpec().nodeName());
        cluster.users.delete();
        cluster.faults.fence(host, true);
        for (int pass = 0; pass < 4; pass++) {
            cluster.operate();
        }
        assertThat(cluster.vm()).isPresent();
        assertThat(key().isMarkedForDeletion()).isFalse();

        cluster.settle();

        assertThat(cluster.vm()).as(cluster.description()).isEmpty();
        assertThat(cluster.server.find(Secret.class, Vms.UID)).isEmpty();
    }

    private void retain() {
        run(VmScene.applied().retained().vm());
        cluster.users.delete();
        cluster.settle();
        assertIsRetained();
    }

    private void run(TrustedLaunchVM vm) {
        cluster.apply(vm);
        cluster.settle();
        cluster.assertRunsAsRecorded();
    }

    private void assertIsRetained() {
        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.incarnations()).isEmpty();
        cluster.assertDoesNotRun();
        assertThat(key().isMarkedForDeletion()).isFalse();
        assertThat(key().getMetadata().getAnnotations())
                .containsKey(Api.RETAINED_VM)
                .doesNotContainKey(Api.TAKEN_OVER_BY);
    }

    private Secret key() {
        return cluster.server.find(Secret.class, Vms.UID).orElseThrow();
    }
}
