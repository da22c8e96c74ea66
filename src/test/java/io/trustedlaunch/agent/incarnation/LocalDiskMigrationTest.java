package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Each host has its own folder: nothing of the guest is removed on one before all of it is on the other. */
class LocalDiskMigrationTest extends TwoHosts {
    LocalDiskMigrationTest() {
        folders = Folders.SEPARATE;
    }

    @Test
    void aForeignFolderIsNeitherOverwrittenNorRemoved() throws IOException {
        Files.createDirectories(target.folder().path());
        Path foreign = Files.writeString(target.folder().osDisk(), "foreign");

        expectTheGuest();
        assertThat(target.reason(arriving)).isEqualTo(Reason.FolderInTheWay);

        giveUpTheArrival();
        assertThat(foreign).hasContent("foreign");
    }

    @Test
    void theCopyOfAnEarlierAttemptIsNotTakenForOneOfThisAttempt() throws IOException {
        expectTheGuest();
        Path left = Files.writeString(target.folder().osDisk(), "half a copy");

        arriving = target.arrival(3, departing);
        target.passWithRestarts(arriving);

        assertThat(target.reason(arriving)).isEqualTo(Reason.FolderInTheWay);
        assertThat(left).hasContent("half a copy");
    }

    @Test
    void aFolderIsRemovedOnlyIfItWasMadeForACopy() throws IOException {
        expectTheGuest();
        Files.delete(target.folder().path().resolve(".copy@host-b@2"));

        giveUpTheArrival();

        assertThat(target.status(arriving).exit()).isEqualTo(Exit.NeverRan);
        assertThat(target.folder().osDisk()).exists();
    }

    /** The source is lost while it copies, and the operator starts the VM here. */
    @Test
    void aVmDoesNotStartFromAnUnfinishedCopyOfItsDisks() {
        beginMigration();

        VMIncarnation next = target.start(3, "1-1");

        assertThat(target.reason(next)).isEqualTo(Reason.DisksIncomplete);
        assertThat(target.status(next).message())
                .contains(target.folder().path().toString(), "the migration to host-b (epoch 2)", "start it there");
        assertThat(target.state()).isEmpty();

        giveUpTheArrival();
        assertThat(target.folder().path()).doesNotExist();
    }

    @Test
    void aVmStartsFromTheFolderThatItsGuestHasMigratedTo() throws IOException {
        expectTheGuest();
        requestMigration();
        settle();
        assertMoved();
        target.stop(arriving);

        target.start(3, target.status(arriving).guestState().version().toString());

        target.assertRuns();
        assertThat(target.stored()).isEqualTo(UNSEALED);
    }

    @Test
    void theSourceKeepsEverythingUntilTheTargetSaysThatItHasIt() throws IOException {
        migrate();
        source.migrations.messagesLost = true;
        operatorSaysThatTheGuestHasLeft(source, arriving);
        source.server.desire(departing, DesiredState.Stopped);

        for (int i = 0; i < 5; i++) {
            source.later(Duration.ofMinutes(1));
            pass(source, departing);
            pass(target, arriving);
        }
        assertThat(source.folder().osDisk()).exists();
        assertThat(source.status(departing).guestState().complete()).isFalse();

        source.migrations.messagesLost = false;
        settle();
        assertMoved();
    }

    @Test
    void aTargetThatHasGivenUpDoesNotHaveTheGuest() {
        source.migrations.messagesLost = true;
        migrate();
        source.migrations.messagesLost = false;
        giveUpTheArrival();
        assertThat(target.folder().path()).doesNotExist();

        source.server.desire(departing, DesiredState.Stopped);
        for (int i = 0; i < 5; i++) {
            source.later(Duration.ofMinutes(1));
            pass(source, departing);
        }

        assertThat(course()).contains(Course.Left);
        assertThat(source.folder().osDisk()).exists();
        assertThat(source.status(departing).guestState().complete()).isFalse();
    }

    @Test
    void noMigrationBeginsBeforeTheTargetHasTheGuestState() {
        expectTheGuest();
        source.migrations.linkDown = true;
        requestMigration();

        source.passWithRestarts(departing);

        assertThat(source.migrations.begun()).isZero();
        assertThat(source.status(departing).departure().message())
                .contains("the VM's guest state could not be sent to host-b");
    }

    private void giveUpTheArrival() {
        source.server.desire(arriving, DesiredState.Stopped);
        target.passWithRestarts(arriving);
    }
}
