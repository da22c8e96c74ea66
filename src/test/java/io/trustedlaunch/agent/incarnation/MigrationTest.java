package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest is migrated with its TPM and its variables, and runs on one host at a time. */
@ParameterizedClass
@EnumSource(TwoHosts.Folders.class)
class MigrationTest extends TwoHosts {
    @Test
    void aGuestIsMigratedWithItsTpmAndItsVariables() throws IOException {
        expectTheGuest();
        requestMigration();
        settle();

        assertMoved();
        assertThat(source.migrations.begun()).isEqualTo(1);
        assertThat(target.home.variables("2-1")).contains("changed");
        assertThat(target.status(arriving).guestState().version()).isEqualTo(version("2-1"));
        assertThat(target.status(arriving).ekPublic()).isNotNull();
        assertThat(target.server.written())
                .filteredOn(status -> status.phase() == Phase.Running)
                .as("Secure Boot is reported with the first report of the running guest")
                .isNotEmpty()
                .allSatisfy(status -> assertThat(status.secureBoot().enabled()).isTrue());
        assertThat(target.server.written())
                .as("the handoff was quick")
                .noneMatch(status -> status.phase() == Phase.Received);
    }

    @Test
    void whereItsDevicesAreIsReportedWithTheFirstReportOfTheRunningGuest() {
        expectTheGuest();
        requestMigration();
        settle();

        assertThat(target.status(arriving).places())
                .isNotEmpty()
                .isEqualTo(source.status(departing).places());
        assertThat(target.server.written())
                .filteredOn(status -> status.phase() == Phase.Running)
                .allSatisfy(status -> {
                    assertThat(status.places()).isNotEmpty();
                    assertThat(status.nested()).isEqualTo(NestedVirtualization.None);
                });
    }

    /** QEMU on the target would not find it. */
    @Test
    void aHostWithoutTheDiscOfAGuestLetsItNotCome() {
        Image disc = new Image("tools", UUID.randomUUID().toString(), "0".repeat(64));
        arriving = target.arrival(2, departing);
        target.server.edit(
                arriving,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(
                                arriving.getSpec().machine())
                        .discs(List.of(new DiscDrive("tools", disc)))
                        .build()));

        target.pass(arriving);

        assertThat(target.reason(arriving)).isEqualTo(Reason.ImageCopyPending);
        assertThat(target.status(arriving).message())
                .contains("the disc in drive tools is not on this node", "kubectl tlvm disc eject");
        assertThat(target.status(arriving).phase()).isNotEqualTo(Phase.Receiving);
    }

    /** Afterwards its guest would be paused there for good. */
    @Test
    void aHostThatRemembersAnotherTpmOfTheVmLetsNoGuestCome() {
        arriving = target.arrival(2, departing);
        target.records().updateOrBegin(VM, record -> record.withEk(FakeTpms.ek(7)));

        target.pass(arriving);

        assertThat(target.reason(arriving)).isEqualTo(Reason.EkMismatch);
        assertThat(target.status(arriving).message()).contains(FakeTpms.ek(7), "migrate it to another node");
        assertThat(target.status(arriving).phase()).isNotEqualTo(Phase.Receiving);
    }

    @Test
    void theVariablesOfAGuestThatHasNotRunHereAreNotTheFirmwaresTemplate() {
        migrate();
        target.dieAt(Failpoint.TARGET_RESUME_RECORDED, arriving);

        target.hypervisor.powerCut();
        target.restartAgent();
        target.passWithRestarts(arriving);
        target.later(Duration.ofMinutes(1));
        target.passWithRestarts(arriving);

        assertThat(target.status(arriving).exit()).isEqualTo(Exit.Crashed);
        assertThat(target.home.versions()).contains("2-1");
        assertThat(target.home.versions().getLast()).startsWith("2-");
        assertThat(target.home.versions().stream().filter(version -> version.startsWith("2-")))
                .allSatisfy(
                        version -> assertThat(target.home.variables(version)).contains("changed"));
    }

    @Test
    void nothingIsClaimedSealedOrResumedBeforeTheSourceSaysThatTheGuestHasLeft() {
        migrateAndDieBeforeTheHandoff();

        target.passWithRestarts(arriving);

        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Receiving);
        target.assertPaused();
        assertThat(target.home.versions()).noneMatch(version -> version.startsWith("2-"));
        assertThat(target.copyChanged()).isEmpty();
    }

    /** It is paused until the claim is made, which takes long. */
    @Test
    void theClaimOfAGuestIsSealedBeforeItHasLeft() throws IOException {
        migrateAndDieBeforeTheHandoff();
        target.pass(arriving);
        // Nobody could seal this.
        Files.write(target.copy().variables(), new byte[] {1});

        operatorSaysThatTheGuestHasLeft(target, arriving);
        target.pass(arriving);

        target.assertRuns();
        assertThat(target.home.tpm("2-1")).contains(UNSEALED);
        assertThat(target.records().require(VM).newest()).contains(version("2-1"));
    }

    @Test
    void whatItsSourceSealsAfterwardsIsInTheClaim() throws IOException {
        migrateAndDieBeforeTheHandoff();
        target.pass(arriving);

        source.hypervisor.putVariables(VM, "changed again");
        source.passWithRestarts(departing);
        target.pass(arriving);

        target.assertRuns();
        assertThat(target.home.variables("2-1")).contains("changed again");
    }

    @Test
    void aTpmThatChangedAfterwardsIsInTheClaim() throws IOException {
        migrateAndDieBeforeTheHandoff();
        target.pass(arriving);

        target.guestStores("by an unknown hand");
        operatorSaysThatTheGuestHasLeft(target, arriving);
        target.pass(arriving);

        target.assertRuns();
        assertThat(target.home.tpm("2-1")).contains("by an unknown hand");
    }

    /** The source is fenced, and the operator relies on what the target says of itself. */
    @Test
    void aWholeGuestWhoseSourceSaysNothingIsReportedAndResumedWhenTheOperatorSaysThatItHasLeft() {
        migrateAndDieBeforeTheHandoff();
        assertThat(target.pass(arriving)).isEqualTo(Duration.ofSeconds(5));
        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Receiving);

        target.later(Duration.ofSeconds(5));
        target.pass(arriving);
        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Received);
        assertThat(target.status(arriving).message()).contains("it has left host-a");
        target.restartAgent();
        target.pass(arriving);
        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Received);
        target.assertPaused();

        operatorSaysThatTheGuestHasLeft(target, arriving);
        target.pass(arriving);
        target.assertRuns();
        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Running);
    }

    @Test
    void aGuestThatIsNotWholeIsReportedAsAwaitedHoweverLongItTakes() {
        migrateAndDieBeforeTheHandoff();
        target.hypervisor.pause(VM, DomainState.PauseReason.MIGRATION);
        target.pass(arriving);
        target.later(Duration.ofMinutes(1));
        target.pass(arriving);
        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Receiving);

        operatorSaysThatTheGuestHasLeft(target, arriving);
        target.pass(arriving);
        target.assertPaused();
        target.hypervisor.powerCut();
        target.pass(arriving);
        assertThat(target.status(arriving).exit()).isEqualTo(Exit.NeverRan);
    }

    @Test
    void aGuestWithAnotherKeyIsNotResumedAndNothingOfItIsRemoved() {
        migrate();
        target.hypervisor.putTpm(VM, FakeTpms.state(FakeTpms.ek(7), "of another"));

        target.passWithRestarts(arriving);

        assertThat(target.reason(arriving)).isEqualTo(Reason.EkMismatch);
        target.assertPaused();
        assertThat(target.home.versions()).noneMatch(version -> version.startsWith("2-"));
        assertThat(source.copy().state()).isEqualTo(WorkingCopy.State.PRESENT);
    }

    @Test
    void theTargetHasALogForTheGuestsConsole() {
        migrate();

        assertThat(target.consoleLogs().of(VM)).exists();
    }

    @Test
    void theStateOfAGuestThatIsLostOnItsWayIsSealedByItsSource() throws IOException {
        migrate();
        target.hypervisor.powerCut();
        target.restartAgent();

        settle();

        assertThat(target.status(arriving).exit()).isEqualTo(Exit.NeverRan);
        assertThat(target.status(arriving).guestState()).isNull();
        assertThat(target.status(arriving).message()).isEqualTo("the guest never ran");
        assertThat(source.status(departing).guestState().complete()).isTrue();
        String newest = source.home.versions().getLast();
        assertThat(newest).startsWith("1-");
        assertThat(source.home.tpm(newest)).contains(UNSEALED);

        startWithoutTheTarget(newest);
    }

    private void startWithoutTheTarget(String newest) throws IOException {
        World next = copiesDisks() ? source : target;
        next.start(3, newest);
        next.assertRuns();
        assertThat(next.stored()).isEqualTo(UNSEALED);
    }

    /** The operator has passed on that the guest has left, and the target lost it before its source said so itself. */
    @Test
    void aGuestThatIsLostBeforeItsSourceSaysThatItHasLeftIsSealedThereToo() throws IOException {
        source.migrations.messagesLost = true;
        migrate();
        operatorSaysThatTheGuestHasLeft(source, arriving);
        target.hypervisor.powerCut();
        target.restartAgent();
        target.pass(arriving);
        assertThat(target.status(arriving).exit()).isEqualTo(Exit.NeverRan);

        source.migrations.messagesLost = false;
        settle();

        assertThat(source.status(departing).guestState().complete()).isTrue();
        startWithoutTheTarget(source.home.versions().getLast());
    }

    /** No start uses it. */
    @Test
    void aChangeToTheCopyOfAGuestThatHasLeftIsNotReported() {
        migrate();
        source.restartAgent();
        source.guestStores("by an unknown hand");
        settle();

        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Running);
        assertThat(source.status(departing).guestState().complete()).isTrue();
        assertThat(source.status(departing).guestState().lastWatched()).isNull();
    }

    @Test
    void aGuestThatShutsDownDuringItsMigrationHasEndedAtItsSource() {
        beginMigration();
        source.hypervisor.powerOff(VM);

        source.later(Duration.ofSeconds(10));
        source.passWithRestarts(departing);

        assertThat(course()).contains(Course.Stayed);
        assertThat(source.status(departing).exit()).isEqualTo(Exit.Shutdown);
        source.assertCopyErased();
    }
}
