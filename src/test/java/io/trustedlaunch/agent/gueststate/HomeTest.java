package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.recovery.EscrowName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** After every failure and crash a home has either the old state or the new one. */
class HomeTest {
    /** More than the calls of a publication. */
    private static final int MOST_CALLS = 15;

    private final FaultyHomeFiles files = new FaultyHomeFiles();

    @Test
    void versionsAreOrderedByNumberAndOtherNamesAreIgnored() throws IOException {
        for (String name : List.of(
                "guest-state-2-1.p7m",
                "guest-state-1-9.p7m",
                "guest-state-1-10.p7m",
                "guest-state-3-1.p7m.rejected",
                ".guest-state@host-a@x",
                "os.qcow2")) {
            files.write(name, new byte[1]);
        }

        assertThat(home().versions()).containsExactly(version(2, 1), version(1, 10), version(1, 9));
    }

    @Test
    void aNameIsUsedOnce() throws IOException {
        assertThat(publish(1, 1)).isTrue();

        assertThat(home().publish(version(1, 1), "other".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(home().read(version(1, 1))).isEqualTo(content(version(1, 1)));
    }

    @Test
    void theHighestThreeUpToTheOneJustWrittenStay() throws IOException {
        for (int generation = 1; generation <= 5; generation++) {
            publish(1, generation);
        }
        publish(3, 1);
        publish(3, 2);

        // An agent of an earlier incarnation that was paused and continues.
        publish(2, 1);

        assertThat(home().versions())
                .containsExactly(version(3, 2), version(3, 1), version(2, 1), version(1, 5), version(1, 4));
    }

    @Test
    void theClaimStaysTooUntilAnotherIncarnationHasThreeStates() throws IOException {
        for (int generation = 1; generation <= 6; generation++) {
            publish(1, generation);
        }
        assertThat(home().versions()).containsExactly(version(1, 6), version(1, 5), version(1, 4), version(1, 1));

        for (int generation = 1; generation <= 4; generation++) {
            publish(2, generation);
        }
        assertThat(home().versions())
                .doesNotContain(version(1, 1))
                .startsWith(version(2, 4), version(2, 3), version(2, 2));
    }

    /** The last one may have been changed while no agent was running; a user may then want the previous one. */
    @Test
    void theLastTwoOfThePreviousIncarnationStay() throws IOException {
        for (int generation = 1; generation <= 6; generation++) {
            publish(1, generation);
        }
        for (int generation = 1; generation <= 5; generation++) {
            publish(2, generation);
        }
        assertThat(home().versions())
                .containsExactly(
                        version(2, 5), version(2, 4), version(2, 3), version(2, 1), version(1, 6), version(1, 5));

        publish(3, 1);
        assertThat(home().versions()).containsExactly(version(3, 1), version(2, 5), version(2, 4));
    }

    @Test
    void unfinishedFilesOfThisNodeAreRemovedAndOtherNodesAreNot() throws IOException {
        files.write(".guest-state@host-a@left", new byte[1]);
        files.write(".guest-state@host-ab@theirs", new byte[1]);

        publish(1, 1);

        assertThat(files.list()).containsExactly(".guest-state@host-ab@theirs", "guest-state-1-1.p7m");
    }

    @Test
    void statesSetAsideAreAllKept() throws IOException {
        publish(1, 1);
        home().setAside(version(1, 1));
        publish(1, 1);
        home().setAside(version(1, 1));

        assertThat(home().versions()).isEmpty();
        assertThat(files.list()).containsExactly("guest-state-1-1.p7m.rejected", "guest-state-1-1.p7m.rejected-1");
    }

    @Test
    void anotherHomeGetsTheKeptStatesAndTheNewestEscrow() throws IOException {
        for (int generation = 1; generation <= 5; generation++) {
            publish(1, generation);
        }
        home().keepEscrow(1, new byte[] {7});
        Home other = new Home(new FaultyHomeFiles(), "host-b", UUID::randomUUID, Failpoints.none());

        other.take(home().files(), 2);
        other.take(home().files(), 2);

        assertThat(other.versions()).containsExactly(version(1, 5), version(1, 4), version(1, 3), version(1, 1));
        assertThat(other.read(version(1, 4))).isEqualTo(content(version(1, 4)));
        assertThat(other.files().getLast().name()).isEqualTo(EscrowName.of(1));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void readingAHomeDuringSealingReturnsAConsistentSnapshot(int call) throws IOException {
        FaultyHomeFiles disk = withThree();
        home(disk).keepEscrow(1, escrow(1));
        disk.pauseAt(call, () -> {
            for (int generation = 4; generation <= 6; generation++) {
                published(disk, version(1, generation));
            }
        });

        List<HomeFile> read = home(disk).files();

        List<GuestStateVersion> versions = read.stream()
                .map(file -> GuestStateName.parse(file.name()))
                .flatMap(Optional::stream)
                .toList();
        assertThat(versions)
                .isIn(
                        List.of(version(1, 1), version(1, 2), version(1, 3)),
                        List.of(version(1, 1), version(1, 4), version(1, 5), version(1, 6)));
        assertThat(read).hasSize(versions.size() + 1);
        for (GuestStateVersion version : versions) {
            assertThat(read.get(versions.indexOf(version)).content()).isEqualTo(content(version));
        }
        assertThat(read.getLast().content()).isEqualTo(escrow(1));
    }

    @Test
    void readingAHomeWhoseFilesKeepDisappearingFails() throws IOException {
        FaultyHomeFiles disk = withThree();
        disk.failAt(1, new NoSuchFileException("guest-state-1-1.p7m"), true);

        assertThatThrownBy(() -> home(disk).files()).hasMessageContaining("were removed during each of 10 reads");
    }

    @Test
    void existingFilesAreNotReplacedByTransferredOnes() throws IOException {
        publish(1, 1);

        home().take(List.of(new HomeFile(GuestStateName.of(version(1, 1)), new byte[] {9})), 2);

        assertThat(home().read(version(1, 1))).isEqualTo(content(version(1, 1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"guest-state-2-1.p7m", "protection-key-2.p7m", "os.qcow2", "../x", "guest-state-1-1.p7m.rejected"
            })
    void filesThatNoEarlierIncarnationCanHaveWrittenAreRefused(String name) throws IOException {
        assertThatThrownBy(() -> home().take(List.of(new HomeFile(name, new byte[1])), 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(name);
        assertThat(files.list()).isEmpty();
    }

    static Stream<Integer> calls() {
        return IntStream.rangeClosed(1, MOST_CALLS).boxed();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void anErrorAtAnyCallLeavesTheOldStateOrTheNewOne(int call) throws IOException {
        for (String error : List.of("No space left on device", "Input/output error")) {
            for (boolean forGood : List.of(false, true)) {
                FaultyHomeFiles disk = withThree();
                disk.failAt(call, new IOException(error), forGood);
                boolean returned = published(disk, version(1, 4));
                disk.heal();

                assertOldOrNew(disk, returned);
                assertThat(published(disk, version(1, 5))).isTrue();
                assertThat(home(disk).versions().getFirst()).isEqualTo(version(1, 5));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void aPowerCutAtAnyCallLeavesTheOldStateOrTheNewOne(int call) throws IOException {
        FaultyHomeFiles disk = withThree();
        disk.failAt(call, new IOException("the power is cut"), true);
        boolean returned = published(disk, version(1, 4));

        for (FaultyHomeFiles after : disk.afterPowerCut()) {
            assertOldOrNew(after, returned);
            assertThat(published(after, version(1, 5))).isTrue();
            assertThat(after.list()).allMatch(name -> GuestStateName.parse(name).isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void noCrashLosesAStateThatIsSetAside(int call) throws IOException {
        FaultyHomeFiles disk = withThree();
        disk.failAt(call, new IOException("the power is cut"), true);
        try {
            home(disk).setAside(version(1, 3));
        } catch (IOException e) {
            assertThat(disk.hasFailed()).isTrue();
        }

        for (FaultyHomeFiles after : disk.afterPowerCut()) {
            assertThat(after.list()).anyMatch(name -> name.startsWith("guest-state-1-3.p7m"));
            for (String name : after.list()) {
                if (name.startsWith("guest-state-1-3.p7m")) {
                    assertThat(after.read(name, 100)).isEqualTo(content(version(1, 3)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void aPausedWriterOfAnEarlierIncarnationChangesNothingThatReadersTake(int call) throws IOException {
        FaultyHomeFiles disk = withThree();
        disk.pauseAt(call, () -> {
            for (int generation = 1; generation <= 4; generation++) {
                assertThat(published(home(disk, "host-b"), version(2, generation)))
                        .isTrue();
            }
        });

        published(disk, version(1, 4));
        disk.resume();

        assertThat(home(disk).versions()).startsWith(version(2, 4), version(2, 3), version(2, 2));
        assertWhole(disk);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void aPausedAgentChangesNothingThatItsSuccessorWrote(int call) throws IOException {
        FaultyHomeFiles disk = withThree();
        disk.pauseAt(call, () -> {
            for (int generation = 4; generation <= 8; generation++) {
                published(home(disk, "host-a"), version(1, generation));
            }
        });

        published(disk, version(1, 4));
        disk.resume();

        assertThat(home(disk).versions()).startsWith(version(1, 8), version(1, 7), version(1, 6));
        assertWhole(disk);
    }

    @Test
    void anEscrowReplacesEarlierOnesOnly() throws IOException {
        publish(1, 1);
        home().keepEscrow(1, escrow(1));
        home().keepEscrow(3, escrow(3));

        // An agent of an earlier incarnation that was paused and continues.
        home().keepEscrow(2, escrow(2));

        assertThat(files.list()).containsExactly("guest-state-1-1.p7m", "protection-key-2.p7m", "protection-key-3.p7m");
        home().keepEscrow(3, "made again".getBytes(StandardCharsets.UTF_8));
        assertThat(files.list()).containsExactly("guest-state-1-1.p7m", "protection-key-3.p7m");
        assertThat(files.read("protection-key-3.p7m", 100)).asString().isEqualTo("made again");
    }

    @ParameterizedTest
    @MethodSource("calls")
    void anErrorAtAnyCallLeavesACompleteEscrowAndTheNextAttemptSucceeds(int call) throws IOException {
        for (String error : List.of("No space left on device", "Input/output error")) {
            for (boolean forGood : List.of(false, true)) {
                FaultyHomeFiles disk = withEscrow();
                disk.failAt(call, new IOException(error), forGood);
                boolean returned = escrowKept(disk);
                disk.heal();

                assertEscrow(disk, returned);
                assertThat(escrowKept(disk)).isTrue();
                assertEscrow(disk, true);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void aPowerCutAtAnyCallLeavesACompleteEscrow(int call) throws IOException {
        FaultyHomeFiles disk = withEscrow();
        disk.failAt(call, new IOException("the power is cut"), true);
        boolean returned = escrowKept(disk);

        for (FaultyHomeFiles after : disk.afterPowerCut()) {
            assertEscrow(after, returned);
        }
    }

    /** An earlier attempt created it but could not sync the folder, so its existence is not enough. */
    @Test
    void anExistingEscrowIsMadeDurable() throws IOException {
        FaultyHomeFiles disk = withEscrow();
        disk.write("protection-key-2.p7m", escrow(2));
        disk.sync("protection-key-2.p7m");

        assertThat(escrowKept(disk)).isTrue();

        for (FaultyHomeFiles after : disk.afterPowerCut()) {
            assertEscrow(after, true);
        }
    }

    @Test
    void aFailureIsThrown() throws IOException {
        files.failAt(1, new IOException("No space left on device"), true);

        assertThatThrownBy(() -> publish(1, 1)).hasMessageContaining("No space left on device");
    }

    private static FaultyHomeFiles withThree() throws IOException {
        FaultyHomeFiles disk = new FaultyHomeFiles();
        for (int generation = 1; generation <= 3; generation++) {
            published(disk, version(1, generation));
        }
        disk.syncFolder();
        return disk;
    }

    /** Whether the call returned, so that the file must be durable. */
    private static boolean published(FaultyHomeFiles disk, GuestStateVersion version) {
        return published(home(disk), version);
    }

    private static boolean published(Home home, GuestStateVersion version) {
        try {
            return home.publish(version, content(version));
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertOldOrNew(FaultyHomeFiles disk, boolean returned) throws IOException {
        List<GuestStateVersion> versions = home(disk).versions();
        assertWhole(disk);
        assertThat(versions.getFirst()).isIn(returned ? List.of(version(1, 4)) : List.of(version(1, 3), version(1, 4)));
        assertThat(versions).contains(version(1, 2), version(1, 3));
    }

    private static FaultyHomeFiles withEscrow() throws IOException {
        FaultyHomeFiles disk = new FaultyHomeFiles();
        home(disk).keepEscrow(1, escrow(1));
        disk.syncFolder();
        return disk;
    }

    /** Whether the call returned, so that the file must be durable. */
    private static boolean escrowKept(FaultyHomeFiles disk) {
        try {
            home(disk).keepEscrow(2, escrow(2));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertEscrow(FaultyHomeFiles disk, boolean returned) throws IOException {
        List<Long> epochs = disk.list().stream()
                .flatMapToLong(name -> EscrowName.parse(name).stream())
                .boxed()
                .sorted(Comparator.reverseOrder())
                .toList();
        assertThat(epochs.getFirst()).isIn(returned ? List.of(2L) : List.of(1L, 2L));
        for (long epoch : epochs) {
            assertThat(disk.read(EscrowName.of(epoch), 100)).isEqualTo(escrow(epoch));
        }
    }

    private static byte[] escrow(long epoch) {
        return ("escrow of epoch " + epoch).getBytes(StandardCharsets.UTF_8);
    }

    private static void assertWhole(FaultyHomeFiles disk) throws IOException {
        for (GuestStateVersion version : home(disk).versions()) {
            assertThat(home(disk).read(version)).as("%s", version).isEqualTo(content(version));
        }
    }

    private boolean publish(long epoch, long generation) throws IOException {
        return home().publish(version(epoch, generation), content(version(epoch, generation)));
    }

    private Home home() {
        return home(files);
    }

    private static Home home(FaultyHomeFiles files) {
        return home(files, "host-a");
    }

    private static Home home(FaultyHomeFiles files, String node) {
        return new Home(files, node, UUID::randomUUID, Failpoints.none());
    }

    private static GuestStateVersion version(long epoch, long generation) {
        return new GuestStateVersion(epoch, generation);
    }

    private static byte[] content(GuestStateVersion version) {
        return ("state " + version).getBytes(StandardCharsets.UTF_8);
    }
}
