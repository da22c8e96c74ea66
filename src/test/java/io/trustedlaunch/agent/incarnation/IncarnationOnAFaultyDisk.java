package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.gueststate.UefiVariables;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.faultydisk.DiskFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A VM from its first start to its deletion: changes while it runs, a stop, a second start, and a start on another host,
 * while a write of an agent fails; or a migration of its guest. Between any two steps the old or the new state is whole,
 * and time and a repaired disk are enough to get to the end.
 */
final class IncarnationOnAFaultyDisk {
    private static final String OTHER = "host-b";

    /** The delay between an agent's passes grows up to a minute. */
    private static final int MOST_PASSES = 40;

    private static final int PASSES_TO_A_RESTART = 2;
    private static final int PASSES_TO_HEALING = 4;

    private final World here;
    private final World there;
    private boolean faulty = true;
    private int faultyPasses;
    private String stored = "";
    private GuestStateVersion floor;

    IncarnationOnAFaultyDisk(Path root) throws IOException {
        here = new World(Files.createDirectory(root.resolve("here")));
        there = here.connect(OTHER, root.resolve("there"), true);
    }

    void play() {
        VMIncarnation first = starts(here, 1);
        changes(here, first, "one");
        changes(here, first, "two");
        ends(here, first);

        VMIncarnation second = starts(here, 2);
        here.guestStores("three");
        here.hypervisor.putVariables(VM, "three");
        stored = "three";
        ends(here, second);

        VMIncarnation third = starts(there, 3);
        changes(there, third, "four");
        isErased(there, third);
        assertThat(here.guestsStarted()).isEqualTo(2);
        assertThat(there.guestsStarted()).isEqualTo(1);
    }

    /** The writes before and after are failed by the other story. */
    void playMigration() {
        faulty = false;
        VMIncarnation departing = starts(here, 1);
        changes(here, departing, "one");
        here.guestStores("two");
        here.hypervisor.putVariables(VM, "two");
        stored = "two";
        faulty = true;

        VMIncarnation arriving = migrates(departing, 2);

        faulty = false;
        changes(there, arriving, "three");
        ends(there, arriving);
        assertThat(here.guestsStarted()).isEqualTo(1);
        assertThat(here.tpms.made() + there.tpms.made()).isEqualTo(1);
    }

    /** If a migration fails, another one follows, as a user would request it. */
    private VMIncarnation migrates(VMIncarnation departing, long epoch) {
        VMIncarnation arriving = there.arrival(epoch, departing);
        until(there, arriving, () -> phase(arriving) == Phase.Receiving);
        here.server.edit(
                departing,
                spec -> spec.departure(Incarnations.departure(epoch, OTHER).build()));
        until(here, departing, () -> hasEnded(departing, epoch));
        if (here.status(departing).departure().course() == Course.Stayed) {
            here.assertRuns();
            here.server.desire(arriving, DesiredState.Stopped);
            until(there, arriving, () -> phase(arriving) == Phase.Stopped);
            return migrates(departing, epoch + 1);
        }
        TwoHosts.operatorSaysThatTheGuestHasLeft(here, arriving);
        until(there, arriving, () -> phase(arriving) == Phase.Running);
        there.assertRuns();
        assertThat(there.stored()).isEqualTo(stored);
        assertThat(variables(there)).contains(stored);
        here.server.desire(departing, DesiredState.Stopped);
        until(
                here,
                departing,
                () -> phase(departing) == Phase.Stopped
                        && here.status(departing).guestState().complete());
        here.assertCopyErased();
        return arriving;
    }

    private boolean hasEnded(VMIncarnation incarnation, long epoch) {
        return Optional.ofNullable(here.status(incarnation).departure())
                .filter(departure -> departure.epoch() == epoch && departure.course() != Course.Underway)
                .isPresent();
    }

    private VMIncarnation starts(World world, long epoch) {
        VMIncarnation incarnation = world.incarnation(epoch);
        world.server.edit(incarnation, spec -> spec.guestStateFloor(floor));
        world.server.own(epoch, world == here ? NODE : OTHER);
        until(world, incarnation, () -> phase(incarnation) == Phase.Running);
        world.assertRuns();
        assertThat(world.stored()).isEqualTo(stored);
        assertThat(variables(world)).contains(stored);
        assertThat(home()).contains(epoch + "-1");
        return incarnation;
    }

    /** The guest changes its state, and the agent tries until all of it is sealed. */
    private void changes(World world, VMIncarnation incarnation, String something) {
        world.guestStores(something);
        world.hypervisor.putVariables(VM, something);
        stored = something;
        until(world, incarnation, () -> isSealed(world, something));
    }

    /** The state is at home, and this host has it on record as the newest. */
    private boolean isSealed(World world, String something) {
        DiskFaults.count(faulty);
        world.copyChanged();
        DiskFaults.count(false);
        observe(world);
        boolean sealed = sealed(world, newest()).contains(something)
                && record(world).newest().equals(Optional.of(newest()));
        if (sealed && faulty && DiskFaults.failed().isEmpty()) {
            isNotNewerThanTheCopyAfterAPowerCut(world);
        }
        return sealed;
    }

    /** The page cache may hold a guest's writes until they are synced. */
    private void isNotNewerThanTheCopyAfterAPowerCut(World world) {
        List<String> done = DiskFaults.done();
        int named = done.lastIndexOf("link " + world.home.file(newest().toString()));
        WorkingCopy copy = world.copy();
        for (Path path : List.of(copy.tpmState(), copy.tpmState().getParent(), copy.variables())) {
            assertThat(done.subList(0, named).lastIndexOf("sync " + path))
                    .as("%s is on the disk before its state is home", path)
                    .isGreaterThan(done.lastIndexOf("link " + world.home.file(before(newest()))));
        }
    }

    private static String before(GuestStateVersion version) {
        return version.epoch() + "-" + (version.generation() - 1);
    }

    private void ends(World world, VMIncarnation incarnation) {
        world.server.desire(incarnation, DesiredState.Stopped);
        until(world, incarnation, () -> isOffOrAsked(world));
        powerOff(world);
        until(world, incarnation, () -> phase(incarnation) == Phase.Stopped);
        var reported = here.status(incarnation).guestState();
        assertThat(reported.complete()).isTrue();
        assertThat(reported.version()).isEqualTo(newest());
        assertThat(sealed(world, newest())).contains(stored);
        world.assertCopyErased();
        floor = reported.version();
    }

    private void isErased(World world, VMIncarnation incarnation) {
        world.server.desire(incarnation, DesiredState.Erased);
        until(world, incarnation, () -> isOffOrAsked(world));
        powerOff(world);
        until(world, incarnation, () -> phase(incarnation) == Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        assertThat(world.seed()).doesNotExist();
        world.assertCopyErased();
        assertThat(record(world).isErased(incarnation.getSpec().epoch())).isTrue();
    }

    private void until(World world, VMIncarnation incarnation, BooleanSupplier reached) {
        int passes = 0;
        do {
            assertThat(passes++)
                    .as(() -> "got no further than " + here.status(incarnation))
                    .isLessThan(MOST_PASSES);
            mend(world);
            DiskFaults.count(faulty);
            try {
                world.later(world.pass(incarnation));
            } finally {
                DiskFaults.count(false);
            }
            observe(world);
        } while (!reached.getAsBoolean());
    }

    /** Invariants that hold after each pass. */
    private void observe(World world) {
        assertThat(Stream.of(here, there)
                        .filter(host -> host.state().equals(Optional.of(new DomainState.Running())))
                        .count())
                .isLessThanOrEqualTo(1);
        assertThat(world.records().lookUp(VM)).isNotInstanceOf(RecordLookup.Damaged.class);
        assertThat(world.server.reportedEks().stream().distinct()).hasSizeLessThanOrEqualTo(1);
        assertThat(world.server.written()).allSatisfy(IncarnationOnAFaultyDisk::isReportedWithItsReason);
        versions().forEach(version -> assertThat(sealed(world, version)).isNotEmpty());
        WorkingCopy copy = world.copy();
        if (copy.state() == WorkingCopy.State.PRESENT) {
            world.tpms.probe(copy, null);
            assertThat(UefiVariables.fault(variables(world).getBytes(ISO_8859_1)))
                    .isEmpty();
        }
    }

    /** A broken disk is not reported as a fault of the agent, and only a full one as lack of space. */
    private static void isReportedWithItsReason(VMIncarnationStatus status) {
        assertThat(status.reason()).isNotEqualTo(Reason.AgentFault.name());
        boolean full = status.message() != null && status.message().contains("No space left on device");
        if (full) {
            assertThat(status.reason()).isEqualTo(Reason.NoSpace.name());
        }
    }

    /** A lasting fault outlives the agent's process; in the end the disk is repaired. */
    private void mend(World world) {
        faultyPasses += DiskFaults.failed().size() > 1 ? 1 : 0;
        if (faultyPasses == PASSES_TO_A_RESTART) {
            world.restartAgent();
        }
        if (faultyPasses == PASSES_TO_HEALING) {
            DiskFaults.heal();
        }
    }

    private static boolean isOffOrAsked(World world) {
        return world.state()
                .filter(state -> !(state instanceof DomainState.ShuttingDown))
                .isEmpty();
    }

    private static void powerOff(World world) {
        if (world.state().isPresent()) {
            world.hypervisor.powerOff(VM);
        }
    }

    private Phase phase(VMIncarnation incarnation) {
        return here.status(incarnation) == null
                ? null
                : here.status(incarnation).phase();
    }

    private static VmRecord record(World world) {
        return world.records().lookUp(VM).found().orElseThrow();
    }

    private List<String> home() {
        return Files.exists(here.folder().path()) ? here.home.versions() : List.of();
    }

    private Stream<GuestStateVersion> versions() {
        return home().stream().filter(name -> name.matches("[0-9]+-[0-9]+")).map(IncarnationFixture::version);
    }

    private GuestStateVersion newest() {
        return versions().max(GuestStateVersion::compareTo).orElseThrow();
    }

    private static String sealed(World world, GuestStateVersion version) {
        return world.home.tpm(version.toString());
    }

    private static String variables(World world) {
        try {
            return Files.readString(world.copy().variables(), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
