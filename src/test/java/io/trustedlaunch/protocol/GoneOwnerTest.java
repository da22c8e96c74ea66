package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A VM that took over a retained one is gone without having been retained itself. The Secret of the key names it for ever. */
class GoneOwnerTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");

    @BeforeEach
    void retain() {
        run(VmScene.applied().retained());
        cluster.users.delete();
        cluster.settle();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The VM was deleted while the Secret was away, which still names it when it is put back. */
    @Test
    void aRetainedVmIsTakenOverFromAVmThatIsGone() {
        apply(VmScene.applied().restoring().strategy(RunStrategy.Halted));
        Secret taken = cluster.server.find(Secret.class, Vms.UID).orElseThrow();
        cluster.server.remove(taken);
        cluster.users.delete();
        cluster.settle();
        assertThat(cluster.vm()).isEmpty();

        cluster.server.put(taken);

        apply(next());
        assertNextRuns();
    }

    /** Whoever takes off its finalizer leaves its guest, which its folder is still of. */
    @Test
    void aRetainedVmIsNotTakenOverFromAGuestWithoutItsVm() {
        run(VmScene.applied().restoring());
        cluster.server.remove(cluster.vm().orElseThrow());

        apply(next());

        assertWaits(Reason.RetainedVMInUse);
        cluster.server.edit(VMIncarnation.class, VMIncarnation.nameOf(Vms.UID, 2), left -> {
            left.setSpec(VMIncarnationSpecBuilder.builder(left.getSpec())
                    .desiredState(DesiredState.Stopped)
                    .build());
            return left;
        });
        cluster.settle();
        assertNextRuns();
        assertThat(cluster.status().epoch()).isEqualTo(3);
    }

    /** Neither the record nor a VMIncarnation tells of the guest of that VM, whose host is not heard. */
    @Test
    void whatAVmThatIsGoneDidIsInDoubt() {
        run(VmScene.applied().restoring());
        cluster.assertRunsOn("host-a");
        cluster.host("host-a").freeze(true);
        cluster.incarnations().forEach(cluster.server::remove);
        cluster.server.remove(cluster.vm().orElseThrow());

        apply(next());

        assertWaits(Reason.WorkingCopyElsewhere);
        cluster.host("host-a").freeze(false);
        cluster.settle();
        assertNextRuns();
        cluster.assertRunsOn("host-a");
    }

    private void run(VmScene vm) {
        apply(vm);
        cluster.assertRunsAsRecorded();
    }

    private void apply(VmScene vm) {
        cluster.apply(vm.vm());
        cluster.settle();
    }

    private static VmScene next() {
        return VmScene.applied().restoring().metadata(metadata -> metadata.withUid("uid-of-the-next"));
    }

    private void assertWaits(Reason reason) {
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getReason())
                .as(cluster.description())
                .isEqualTo(reason.name());
    }

    private void assertNextRuns() {
        cluster.assertRunsAsRecorded();
        assertThat(cluster.tpms.made()).isEqualTo(1);
    }
}
