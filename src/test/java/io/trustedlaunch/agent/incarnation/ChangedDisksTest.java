package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Data disks that an order adds and removes, beside those that the newest guest state lists. */
class ChangedDisksTest extends OneHost {
    private static final Disk DATA = new Disk("data", new Quantity("4Mi"));

    @BeforeEach
    void run() {
        world.pass(incarnation);
        world.stop(incarnation);
    }

    @Test
    void anAddedDiskIsMadeByTheIncarnationThatAddsItAndRequiredByLaterOnes() throws IOException {
        world.stop(world.start(2, disks(List.of(DATA, logs(2)), List.of())));
        assertThat(file("logs.2")).exists();

        Files.delete(file("logs.2"));
        VMIncarnation third = world.start(3, disks(List.of(DATA, logs(2)), List.of()));

        assertThat(world.reason(third)).isEqualTo(Reason.DiskMissing);
        assertThat(file("logs.2")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("io.trustedlaunch.agent.incarnation.DeathAtEveryPointTest#points")
    void itIsMadeOnceWhereverTheAgentDies(Failpoint point) throws IOException {
        world.failpoints.arm(point);

        world.start(2, disks(List.of(DATA, logs(2)), List.of()));

        world.assertRuns();
        assertThat(file("logs.2")).exists();
    }

    /** No guest was given it, as the newest guest state shows. */
    @Test
    void aDiskThatAnIncarnationAddedThatNeverClaimedTheHomeIsMadeByTheNext() throws IOException {
        world.start(3, disks(List.of(DATA, logs(2)), List.of()));

        world.assertRuns();
        assertThat(file("logs.2")).exists();
    }

    @Test
    void aRemovedDiskKeepsItsFileAndItsNameIsAnotherDisk() throws IOException {
        world.stop(world.start(2, disks(List.of(), List.of(DATA))));
        assertThat(file("data")).exists();

        Disk other = new Disk("data", new Quantity("4Mi"), 3L, null);
        world.start(3, disks(List.of(other), List.of(DATA)));

        world.assertRuns();
        assertThat(file("data.3")).exists();
        assertThat(file("data")).exists();
    }

    @Test
    void aRemovedDiskIsDeletedWhereTheMachineSaysSo() throws IOException {
        world.stop(world.start(2, disks(List.of(logs(2)), List.of(DATA))));

        world.start(3, deleting(List.of(logs(2)), "data", "never-there.7"));

        world.assertRuns();
        assertThat(file("data")).doesNotExist();
        assertThat(file("logs.2")).exists();
    }

    /** The newest guest state lists it, and the order is its removal on record. */
    @Test
    void oneThatTheGuestHadLastIsDeletedAsWell() throws IOException {
        world.start(2, deleting(List.of(), "data"));

        world.assertRuns();
        assertThat(file("data")).doesNotExist();
    }

    @Test
    void noDiskThatTheGuestIsGivenIsDeleted() throws IOException {
        world.start(2, deleting(List.of(DATA), "data"));

        world.assertRuns();
        assertThat(file("data")).exists();
    }

    @ParameterizedTest
    @MethodSource("io.trustedlaunch.agent.incarnation.DeathAtEveryPointTest#points")
    void itIsDeletedWhereverTheAgentDies(Failpoint point) throws IOException {
        world.failpoints.arm(point);

        world.start(2, deleting(List.of(), "data"));

        world.assertRuns();
        assertThat(file("data")).doesNotExist();
    }

    @Test
    void aMachineThatLacksADiskWithoutARemovalOnRecordDoesNotStart() throws IOException {
        VMIncarnation second = world.start(2, disks(List.of(), List.of()));

        assertThat(world.reason(second)).isEqualTo(Reason.DisksMismatch);
        assertThat(world.status(second).message()).contains("had data disk data", "from.removedDisk: data");
        assertThat(world.state()).isEmpty();
    }

    /** The record is from before its removal. */
    @Test
    void aRemovedDiskComesBackOnlyWhereAUserNamesIt() throws IOException {
        world.stop(world.start(2, disks(List.of(), List.of(DATA))));

        VMIncarnation third = world.start(3, disks(List.of(DATA), List.of()));
        assertThat(world.reason(third)).isEqualTo(Reason.DisksMismatch);
        assertThat(world.status(third).message()).contains("data disk data is on record");

        world.start(4, disks(List.of(new Disk("data", new Quantity("4Mi"), null, true)), List.of()));
        world.assertRuns();
    }

    @Test
    void aDiskThatComesBackIsNeverMade() throws IOException {
        VMIncarnation second =
                world.start(2, disks(List.of(DATA, new Disk("logs", new Quantity("4Mi"), 2L, true)), List.of()));

        assertThat(world.reason(second)).isEqualTo(Reason.DiskMissing);
        assertThat(world.status(second).message()).endsWith("restore it, or remove logs from spec.dataDisks");
        assertThat(file("logs.2")).doesNotExist();
    }

    /** Its states may be gone: a user has approved an older one. */
    @Test
    void afterAnApprovedStateOnlyWhatThisIncarnationAddsIsMade() throws IOException {
        String newest = world.status(incarnation).guestState().version().toString();
        UnaryOperator<VMIncarnationSpecBuilder> approved = spec ->
                spec.approvedGuestState(world.status(incarnation).guestState().version());

        VMIncarnation third = world.start(
                3,
                spec -> approved.apply(disks(List.of(DATA, logs(2)), List.of()).apply(spec)));
        assertThat(world.reason(third)).as(newest).isEqualTo(Reason.DiskMissing);

        world.start(
                4,
                spec -> approved.apply(disks(List.of(DATA, logs(4)), List.of()).apply(spec)));
        world.assertRuns();
        assertThat(file("logs.4")).exists();
    }

    /** The next incarnation, which lacks the disk, seals the last state of the guest that had it. */
    @Test
    void aLastStateListsWhatItsGuestWasGivenWhoeverSealsIt() throws IOException {
        VMIncarnation second = world.start(2, disks(List.of(DATA, logs(2)), List.of()));
        world.assertRuns();
        world.guestStores("last");
        world.hypervisor.destroy(VM);
        world.restartAgent();

        VMIncarnation third = world.start(3, disks(List.of(DATA), List.of()));

        assertThat(world.reason(third)).as(String.valueOf(second)).isEqualTo(Reason.DisksMismatch);
        assertThat(world.status(third).message()).contains("logs.2");
    }

    private static Disk logs(long epoch) {
        return new Disk("logs", new Quantity("4Mi"), epoch, null);
    }

    private Path file(String disk) {
        return world.folder().dataDisk(DiskIdentity.of(disk));
    }

    private static UnaryOperator<VMIncarnationSpecBuilder> deleting(List<Disk> has, String... deleted) {
        return spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                .dataDisks(has)
                .deletedDisks(List.of(deleted))
                .build());
    }

    private static UnaryOperator<VMIncarnationSpecBuilder> disks(List<Disk> has, List<Disk> removed) {
        return spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                .dataDisks(has)
                .removedDisks(removed)
                .build());
    }
}
