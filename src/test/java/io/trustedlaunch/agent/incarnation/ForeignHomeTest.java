package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are added to a VM's home, or removed, by someone with write access to the storage. */
class ForeignHomeTest extends OneHost {
    private static final byte[] FOREIGN = {1};

    @BeforeEach
    void startTheFirstIncarnation() throws IOException {
        world.pass(incarnation);
    }

    @Test
    void aHomeThatIsRolledBackWhileTheGuestRunsHasTheNewestStateAtItsEnd() throws IOException {
        world.guestStores("one");
        world.copyChanged();
        world.guestStores("two");
        world.copyChanged();
        Files.delete(world.home.file("1-3"));
        Files.delete(world.home.file("1-2"));
        world.stop(incarnation);

        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-4"));
        world.start(2, "1-4");
        world.assertRuns();
        assertThat(world.stored()).isEqualTo("two");
    }

    /** The home has the same content as an older generation. */
    @Test
    void soItHasIfTheGuestHasRestoredItsEarlierState() throws IOException {
        String before = Files.readString(world.copy().tpmState());
        world.guestStores("one");
        world.copyChanged();
        world.hypervisor.putTpm(VM, before);
        world.copyChanged();
        Files.delete(world.home.file("1-3"));
        Files.delete(world.home.file("1-2"));
        world.stop(incarnation);

        world.start(2, "1-4");
        world.assertRuns();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-5", "1-4", "1-1"})
    void everyOlderGenerationIsRefusedUnlessItIsApproved(String newestLeft) throws IOException {
        for (int store = 2; store <= 6; store++) {
            world.guestStores("1-" + store);
            world.copyChanged();
        }
        world.stop(incarnation);
        for (String version : List.of("1-6", "1-5", "1-4")) {
            if (version(version).compareTo(version(newestLeft)) > 0) {
                Files.delete(world.home.file(version));
            }
        }

        VMIncarnation next = world.start(2, "1-6");
        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateRolledBack);
        assertThat(world.state()).isEmpty();

        world.start(3, "1-6", newestLeft);
        world.assertRuns();
        assertThat(world.stored()).isEqualTo(newestLeft.equals("1-1") ? "" : newestLeft);
    }

    @Test
    void aStateThatTheStorageDoesNotReadIsNotTakenForDamaged() throws IOException {
        world.stop(incarnation);
        byte[] whole = Files.readAllBytes(world.home.file("1-1"));
        Files.delete(world.home.file("1-1"));
        Files.createDirectory(world.home.file("1-1"));

        VMIncarnation next = world.start(2, "1-1");
        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateUnreadable);
        assertThat(world.status(next).message()).contains("1-1", "storage location");
        assertThat(world.state()).isEmpty();

        Files.delete(world.home.file("1-1"));
        Files.write(world.home.file("1-1"), whole);
        world.later(Duration.ofMinutes(3));
        world.pass(next);
        world.assertRuns();
    }

    @Test
    void aForeignFileOfALaterEpochIsNamedAndBlocksStartsUntilItIsMovedAway() throws IOException {
        world.stop(incarnation);
        Files.write(world.home.file("9-1"), FOREIGN);

        VMIncarnation next = world.start(2, "1-1");
        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateOfLaterEpoch);
        assertThat(world.status(next).message())
                .contains(world.folder().path().toString(), "guest-state-9-1.p7m", "move it out of the folder");
        assertThat(world.state()).isEmpty();

        Files.delete(world.home.file("9-1"));
        world.later(Duration.ofMinutes(3));
        world.pass(next);
        world.assertRuns();
    }

    @Test
    void aStateOfALaterEpochBlocksAStartOfAnEarlierOne() throws IOException {
        world.stop(incarnation);
        world.home.put("9-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "later"));

        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateOfLaterEpoch);
        assertThat(world.status(next).message()).contains("guest-state-9-1.p7m", "start it again");
        assertThat(world.state()).isEmpty();
    }

    @Test
    void foreignFilesWithTheNextNamesDoNotBlockSealing() throws IOException {
        for (int generation = 2; generation < 30; generation++) {
            Files.write(world.home.file("1-" + generation), FOREIGN);
        }
        world.guestStores("one");
        assertThat(world.copyChanged()).isEmpty();
        world.stop(incarnation);

        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-30"));
        world.start(2, "1-30");
        assertThat(world.stored()).isEqualTo("one");
    }

    @Test
    void aForeignFileWithTheHighestGenerationIsNamedAndNothingIsLost() throws IOException {
        Files.write(world.home.file("1-" + Long.MAX_VALUE), FOREIGN);
        world.guestStores("one");
        world.stop(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopping);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestStateNotSealed);
        assertThat(world.status(incarnation).message())
                .contains("guest-state-1-" + Long.MAX_VALUE + ".p7m", "move it out of the VM's folder");
        assertThat(world.copy().state()).isEqualTo(WorkingCopy.State.PRESENT);

        Files.delete(world.home.file("1-" + Long.MAX_VALUE));
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        assertThat(world.home.versions()).containsExactly("1-1", "1-2");
    }
}
