package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A tenant may write the status of VMs in his namespace. He creates a VM with {@code spec.restoreFrom.retainedVM.uid} of another
 * tenant's, and a status that says that it has taken that one over: he gets nothing, and the other VM does not notice.
 */
class ForeignIdentityTest {
    private static final String NAMESPACE = "evil";
    private static final String NAME = "thief";

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");

    @AfterEach
    void close() {
        cluster.close();
    }

    static Stream<TrustedLaunchVMStatus> statuses() {
        TrustedLaunchVMStatus later = TrustedLaunchVMStatusBuilder.builder()
                .epoch(50L)
                .nodeName("host-b")
                .build();
        return Stream.of(
                later,
                TrustedLaunchVMStatusBuilder.builder(later)
                        .vTPM(new VTpm(Vms.EK, null))
                        .build(),
                TrustedLaunchVMStatusBuilder.builder(later).epoch(1L).build(),
                TrustedLaunchVMStatusBuilder.builder(later)
                        .epoch(1L)
                        .nodeName("host-a")
                        .migration(TrustedLaunchVMStatusMigrationBuilder.builder()
                                .name("move")
                                .uid("uid-of-move")
                                .epoch(2L)
                                .sourceNode("host-a")
                                .targetNode("host-b")
                                .build())
                        .build(),
                TrustedLaunchVMStatusBuilder.builder().epoch(0L).build());
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void aStatusGivesNothingOfARunningVm(TrustedLaunchVMStatus status) {
        cluster.start();
        cluster.assertRunsOn("host-a");

        steal(status);

        assertOnlyTheOwnerHasAnything();
        assertThat(reason()).isEqualTo(Reason.RetainedVMNotFound);
        cluster.server.delete(thief());
        cluster.settle();
        assertOnlyTheOwnerHasAnything();
    }

    /** The owner has itself taken it over. */
    @ParameterizedTest
    @MethodSource("statuses")
    void aStatusGivesNothingOfAVmThatWasTakenOver(TrustedLaunchVMStatus status) {
        retain();
        cluster.apply(VmScene.applied().restoring().vm());
        cluster.settle();
        assertThat(key().getMetadata().getAnnotations()).containsEntry(Api.TAKEN_OVER_BY, VmScene.OWN_UID);

        steal(status);

        assertOnlyTheOwnerHasAnything();
        cluster.server.delete(thief());
        cluster.settle();
        assertOnlyTheOwnerHasAnything();
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void aStatusGivesNothingOfARetainedVm(TrustedLaunchVMStatus status) {
        retain();

        steal(status);

        assertThat(cluster.incarnations()).as(cluster.description()).isEmpty();
        assertThat(cluster.ledger.running(VM)).isEmpty();
        assertThat(key().getMetadata().getAnnotations()).doesNotContainKey(Api.TAKEN_OVER_BY);
        cluster.server.delete(thief());
        cluster.settle();
        assertThat(key().isMarkedForDeletion()).isFalse();
        assertThat(cluster.home(cluster.host("host-a")).versions()).isNotEmpty();
    }

    /** A status that the owner writes into his own VM is no more believed than what is on record: an epoch may be lost. */
    @Test
    void theOwnerOfARetainedVmTakesItOverWithTheEpochOnItsRecordWhateverHisStatusSays() {
        retain();
        TrustedLaunchVM next = VmScene.applied().restoring().vm();
        next.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .epoch(50L)
                .nodeName("host-b")
                .build());
        cluster.server.put(next);
        cluster.settle();

        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.incarnations().forEach(one -> assertThat(one.getSpec().epoch()).isEqualTo(2));
    }

    private void retain() {
        cluster.apply(VmScene.applied().retained().vm());
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.users.delete();
        cluster.settle();
        assertThat(cluster.vm()).isEmpty();
    }

    private void steal(TrustedLaunchVMStatus status) {
        TrustedLaunchVM thief = Vms.vm(Vms.spec()
                .restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(Vms.UID)))
                .build());
        thief.setMetadata(new ObjectMetaBuilder(thief.getMetadata())
                .withNamespace(NAMESPACE)
                .withName(NAME)
                .withUid("e711e711-0031-4c5f-9f5a-6f8e1f0b7c11")
                .build());
        cluster.apply(thief);
        cluster.operate();
        cluster.server.edit(TrustedLaunchVM.class, NAME, vm -> {
            vm.setStatus(status);
            return vm;
        });
        cluster.rounds(15);
    }

    private void assertOnlyTheOwnerHasAnything() {
        assertThat(cluster.incarnations())
                .as(cluster.description())
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.getSpec().vmRef().namespace()).isEqualTo(Vms.NAMESPACE);
                    assertThat(one.getSpec().nodeName()).isEqualTo("host-a");
                    assertThat(one.getSpec().desiredState()).isEqualTo(DesiredState.Running);
                    assertThat(one.getSpec().departure()).isNull();
                });
        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.running(VM)).hasSize(1);
        assertThat(key().isMarkedForDeletion()).isFalse();
    }

    private TrustedLaunchVM thief() {
        return cluster.server.find(TrustedLaunchVM.class, NAME).orElseThrow();
    }

    private Reason reason() {
        return Reason.valueOf(ConditionType.Ready.in(thief().getStatus().conditions())
                .orElseThrow()
                .getReason());
    }

    private Secret key() {
        return cluster.server.find(Secret.class, Vms.UID).orElseThrow();
    }
}
