package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The same with a folder on each host: nothing of the guest is removed on one before all of it is on the other. */
class TwoHostsWithTheirOwnFoldersTest extends TwoHostsTest {
    @Override
    World other(World first, Path root, String node) throws IOException {
        return World.apartFrom(first, root, node);
    }

    @Override
    boolean isPassed(Failpoint point) {
        return true;
    }

    @Override
    boolean copiesDisks() {
        return true;
    }

    @Test
    void whatIsThereAlreadyIsNeitherOverwrittenNorRemoved() throws IOException {
        Files.createDirectories(target.folder().path());
        Path foreign = Files.writeString(target.folder().osDisk(), "somebody's");

        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        assertThat(status(comes).reason()).isEqualTo(Reason.FolderInTheWay.name());

        source.server.changeSpec(comes, DesiredState.Stopped);
        target.passUntilItRuns(comes);
        assertThat(foreign).hasContent("somebody's");
    }

    @Test
    void whatIsLeftOfAnEarlierTryIsNotTakenForAnothersCopy() throws IOException {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        Path left = Files.writeString(target.folder().osDisk(), "half a copy");

        comes = target.arrival(3, stays);
        target.passUntilItRuns(comes);

        assertThat(status(comes).reason()).isEqualTo(Reason.FolderInTheWay.name());
        assertThat(left).hasContent("half a copy");
    }

    @Test
    void onlyAFolderThatWasMadeForACopyIsRemovedAsOne() throws IOException {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        Files.delete(target.folder().path().resolve(".copy@host-b@2"));

        source.server.changeSpec(comes, DesiredState.Stopped);
        target.passUntilItRuns(comes);

        assertThat(status(comes).exit()).isEqualTo(Exit.NeverRan);
        assertThat(target.folder().osDisk()).exists();
    }

    @Test
    void theSourceKeepsAllUntilTheTargetHasItAndSaysSo() throws IOException {
        beginAndLeave();
        source.movement.loseWords();
        source.server.left(comes);
        source.server.changeSpec(stays, DesiredState.Stopped);

        for (int i = 0; i < 5; i++) {
            source.later(Duration.ofMinutes(1));
            pass(source, stays);
            pass(target, comes);
        }
        assertThat(source.folder().osDisk()).exists();
        assertThat(status(stays).guestState().complete()).isFalse();

        source.movement.findWords();
        operatorUntilSettled();
        assertMoved();
    }

    @Test
    void aTargetThatHasGivenUpIsNotBelievedToHaveTheGuest() {
        source.movement.loseWords();
        beginAndLeave();
        source.movement.findWords();
        source.server.changeSpec(comes, DesiredState.Stopped);
        target.passUntilItRuns(comes);
        assertThat(target.folder().path()).doesNotExist();

        source.server.changeSpec(stays, DesiredState.Stopped);
        for (int i = 0; i < 5; i++) {
            source.later(Duration.ofMinutes(1));
            pass(source, stays);
        }

        assertThat(status(stays).departure().course()).isEqualTo(Course.Left);
        assertThat(source.folder().osDisk()).exists();
        assertThat(status(stays).guestState().complete()).isFalse();
    }

    @Test
    void whereNobodyTakesTheGuestStateNothingBegins() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.movement.setLinkDown(true);
        source.server.depart(
                stays,
                VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(2L)
                        .nodeName("host-b")
                        .address("192.0.2.2")
                        .port(16515)
                        .cancelled(false)
                        .copiesDisks(true)
                        .build());

        source.passUntilItRuns(stays);

        assertThat(source.movement.begun()).isZero();
        assertThat(status(stays).departure().message()).contains("the VM's guest state could not be sent");
    }
}
