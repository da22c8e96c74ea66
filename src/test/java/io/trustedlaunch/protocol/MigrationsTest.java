package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes between the steps of a migration. */
class MigrationsTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private VMMigration migration;

    @BeforeEach
    void startAndRequestMigration() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        migration = cluster.users.requestMigration("host-b");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aMigrationThatWasCancelledMeanwhileIsNotBegun() {
        OperatorProcess late = cluster.leader();
        late.look();
        cluster.server.delete(migration);

        late.pass();

        assertThat(cluster.status().migration()).isNull();
    }

    @Test
    void aMigrationThatWasCancelledMeanwhileIsNotHandedOver() {
        cluster.roundsUntil(this::targetIsReceiving);
        OperatorProcess late = cluster.leader();
        late.look();
        cluster.operators.add();
        cluster.server.delete(cluster.server
                .find(VMMigration.class, migration.getMetadata().getName())
                .orElseThrow());
        cluster.roundsUntil(() -> cluster.status().migration().outcome() == Outcome.Stayed);

        late.pass();

        Departure departure = cluster.incarnation(1).orElseThrow().getSpec().departure();
        assertThat(departure).matches(asked -> asked == null || asked.cancelled());
    }

    private boolean targetIsReceiving() {
        return cluster.incarnation(2)
                .map(VMIncarnation::getStatus)
                .map(VMIncarnationStatus::phase)
                .filter(Phase.Receiving::equals)
                .isPresent();
    }

    @Test
    void aGuestWhoseMigrationFailsRunsOnAndItsTargetIsCleared() {
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.cut(cluster.host("host-a"), cluster.host("host-b"));
        cluster.act(cluster.host("host-b"));
        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(1);
        assertThat(cluster.status().epoch()).isEqualTo(1);
        assertThat(cluster.status().migration().outcome()).isEqualTo(Outcome.Stayed);
    }

    /** It is taken over, or its record is damaged. */
    @Test
    void whatTheTargetSaysOfAGuestThatStayedMovesNothing() {
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.host("host-b").freeze(true);
        cluster.network.cut(cluster.host("host-a"), cluster.host("host-b"));
        cluster.roundsUntil(() -> cluster.status().migration().outcome() == Outcome.Stayed);

        cluster.server.edit(VMIncarnation.class, VMIncarnation.nameOf(ClusterUnderTest.VM.toString(), 2), target -> {
            target.setStatus(VMIncarnationStatusBuilder.builder()
                    .phase(Phase.Stopped)
                    .exit(Exit.Crashed)
                    .guestState(new SealedState(new GuestStateVersion(2L, 9L), null, null, false, null))
                    .build());
            return target;
        });
        cluster.rounds(5);

        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(1);
        assertThat(cluster.status().guestState().home().nodeName()).isEqualTo("host-a");
        assertThat(cluster.status().guestState().floor().epoch()).isEqualTo(1);
    }

    /** Its target shares the folder, and may be told first: also if an administrator has deleted the guest's incarnation. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFolderIsErasedOnceTheGuestThatWasToLeaveHasEnded(boolean isForgotten) {
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.users.delete();
        if (isForgotten) {
            cluster.server.delete(cluster.incarnation(1).orElseThrow());
        }
        for (int turn = 0; turn < 6; turn++) {
            cluster.operate();
            cluster.act(cluster.host("host-b"));
            cluster.check();
        }
        cluster.settle();

        cluster.users.assertNothingIsLeft(ClusterUnderTest.VM);
    }

    /** The node that the guest has left finds the state of the one that has it now, and so leaves the folder alone. */
    @Test
    void aFolderIsErasedByTheNodeThatTheGuestWentToAlsoIfItsIncarnationIsForgotten() {
        cluster.roundsUntil(() -> {
            cluster.network.advance();
            return cluster.incarnation(2).filter(this::runs).isPresent();
        });
        cluster.users.delete();
        for (int pass = 0; pass < 4; pass++) {
            cluster.operate();
        }
        assertThat(cluster.incarnations())
                .hasSize(2)
                .allMatch(one -> one.getSpec().desiredState() == DesiredState.Erased);
        cluster.server.delete(cluster.incarnation(2).orElseThrow());
        cluster.settle();

        cluster.users.assertNothingIsLeft(ClusterUnderTest.VM);
    }

    private boolean runs(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .map(VMIncarnationStatus::phase)
                .filter(Phase.Running::equals)
                .isPresent();
    }
}
