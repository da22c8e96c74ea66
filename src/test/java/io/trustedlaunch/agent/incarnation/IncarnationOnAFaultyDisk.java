package io.trustedlaunch.agent.incarnation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.gueststate.UefiVariables;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.gueststate.GuestStateName;
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
 * A VM's whole life: its first start, changes while it runs, a stop, a start after it, a start on another host, and its
 * deletion, while a write of an agent's fails; or a guest's move while it runs. Between any two steps the old or the new
 * state is whole, and nothing but time, and a disk that works again, is needed to get to the end.
 */
final class IncarnationOnAFaultyDisk {
    private static final String OTHER = "host-b";

    /** An agent waits longer and longer, up to a minute. */
    private static final int MOST_PASSES = 40;

    private static final int PASSES_TO_A_RESTART = 2;
    private static final int PASSES_TO_HEALING = 4;

    private final World here;
    private final World there;
    private boolean faulty = true;
    private int troubled;
    private String stored = "";
    private GuestStateVersion floor;

    IncarnationOnAFaultyDisk(Path root) throws IOException {
        here = new World(Files.createDirectory(root.resolve("here")));
        there = World.beside(here, Files.createDirectory(root.resolve("there")), OTHER);
    }

    void play() {
        VMIncarnation first = starts(here, 1);
        changes(here, first, "one");
        changes(here, first, "two");
        ends(here, first);

        VMIncarnation second = starts(here, 2);
        here.guestStores("three");
        here.hypervisor.putVariables(IncarnationFixture.VM, "three");
        stored = "three";
        ends(here, second);

        VMIncarnation third = starts(there, 3);
        changes(there, third, "four");
        isErased(there, third);
        assertThat(incarnations(here)).isEqualTo(2);
        assertThat(incarnations(there)).isEqualTo(1);
    }

    /** What is written before and after is another story's. */
    void playMove() {
        faulty = false;
        VMIncarnation stays = starts(here, 1);
        changes(here, stays, "one");
        here.guestStores("two");
        here.hypervisor.putVariables(IncarnationFixture.VM, "two");
        stored = "two";
        faulty = true;

        VMIncarnation comes = moves(stays, 2);

        faulty = false;
        changes(there, comes, "three");
        ends(there, comes);
        assertThat(incarnations(here)).isEqualTo(1);
        assertThat(here.tpms.made() + there.tpms.made()).isEqualTo(1);
    }

    /** One that fails is followed by another, as a user would ask for it. */
    private VMIncarnation moves(VMIncarnation stays, long epoch) {
        VMIncarnation comes = there.arrival(epoch, stays);
        until(there, comes, () -> phase(comes) == Phase.Receiving);
        here.server.depart(
                stays,
                VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(OTHER)
                        .address("192.0.2.2")
                        .port(16515)
                        .cancelled(false)
                        .copiesDisks(false)
                        .build());
        until(here, stays, () -> hasEnded(stays, epoch));
        if (status(stays).departure().course() == Course.Stayed) {
            assertThat(runs(here)).isTrue();
            here.server.changeSpec(comes, DesiredState.Stopped);
            until(there, comes, () -> phase(comes) == Phase.Stopped);
            return moves(stays, epoch + 1);
        }
        here.server.left(comes);
        until(there, comes, () -> phase(comes) == Phase.Running);
        assertThat(runs(there)).isTrue();
        assertThat(there.stored()).isEqualTo(stored);
        assertThat(variables(there)).contains(stored);
        here.server.changeSpec(stays, DesiredState.Stopped);
        until(
                here,
                stays,
                () -> phase(stays) == Phase.Stopped
                        && status(stays).guestState().complete());
        assertThat(here.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
        return comes;
    }

    private boolean hasEnded(VMIncarnation incarnation, long epoch) {
        return Optional.ofNullable(status(incarnation).departure())
                .filter(departure -> departure.epoch() == epoch && departure.course() != Course.Underway)
                .isPresent();
    }

    private VMIncarnation starts(World world, long epoch) {
        VMIncarnation incarnation =
                world.incarnation(epoch, DesiredState.Running, floor == null ? null : floor.toString(), null);
        world.server.own(new Ownership.Found(
                IncarnationFixture.VM.toString(), epoch, world == here ? IncarnationFixture.NODE : OTHER, false));
        until(world, incarnation, () -> phase(incarnation) == Phase.Running);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state())
                .isInstanceOf(DomainState.Running.class);
        assertThat(world.stored()).isEqualTo(stored);
        assertThat(variables(world)).contains(stored);
        assertThat(home()).contains(GuestStateName.of(new GuestStateVersion(epoch, 1L)));
        return incarnation;
    }

    /** The guest does, and the agent notices, and tries until all of it is home. */
    private void changes(World world, VMIncarnation incarnation, String something) {
        world.guestStores(something);
        world.hypervisor.putVariables(IncarnationFixture.VM, something);
        stored = something;
        until(world, incarnation, () -> isSealed(world, something));
    }

    /** At home, and known to this host as the newest there. */
    private boolean isSealed(World world, String something) {
        DiskFaults.count(faulty);
        world.copyChanged();
        DiskFaults.count(false);
        observe(world);
        boolean sealed = sealed(world, newest()).contains(something)
                && record(world).state().newest().equals(Optional.of(newest()));
        if (sealed && faulty && DiskFaults.failed().isEmpty()) {
            isNotNewerThanTheCopyAfterAPowerCut(world);
        }
        return sealed;
    }

    /** What a guest writes is in its host's memory until somebody has it written to the disk. */
    private void isNotNewerThanTheCopyAfterAPowerCut(World world) {
        List<String> done = DiskFaults.done();
        int named = done.lastIndexOf("link " + world.homeFile(newest().toString()));
        WorkingCopy copy = world.hypervisor.workingCopy(IncarnationFixture.VM);
        for (Path path : List.of(copy.tpmState(), copy.tpmState().getParent(), copy.variables())) {
            assertThat(done.subList(0, named).lastIndexOf("sync " + path))
                    .as("%s is on the disk before its state is home", path)
                    .isGreaterThan(done.lastIndexOf("link " + world.homeFile(before(newest()))));
        }
    }

    private static String before(GuestStateVersion version) {
        return version.epoch() + "-" + (version.generation() - 1);
    }

    private void ends(World world, VMIncarnation incarnation) {
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        until(world, incarnation, () -> isOffOrAsked(world));
        powerOff(world);
        until(world, incarnation, () -> phase(incarnation) == Phase.Stopped);
        var told = status(incarnation).guestState();
        assertThat(told.complete()).isTrue();
        assertThat(told.version()).isEqualTo(newest());
        assertThat(sealed(world, newest())).contains(stored);
        assertThat(world.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
        floor = told.version();
    }

    private void isErased(World world, VMIncarnation incarnation) {
        world.server.changeSpec(incarnation, DesiredState.Erased);
        until(world, incarnation, () -> isOffOrAsked(world));
        powerOff(world);
        until(world, incarnation, () -> phase(incarnation) == Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        assertThat(world.seed()).doesNotExist();
        assertThat(world.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(record(world).erased()).isTrue();
    }

    private void until(World world, VMIncarnation incarnation, BooleanSupplier reached) {
        int passes = 0;
        do {
            assertThat(passes++)
                    .as(() -> "got no further than " + status(incarnation))
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

    /** What must be so at any moment. */
    private void observe(World world) {
        assertThat(Stream.of(here, there).filter(IncarnationOnAFaultyDisk::runs).count())
                .isLessThanOrEqualTo(1);
        assertThat(world.memory().lookUp(IncarnationFixture.VM)).isNotInstanceOf(RecordLookup.Damaged.class);
        assertThat(world.server.written().stream()
                        .flatMap(status -> Optional.ofNullable(status.ekDigest()).stream())
                        .distinct())
                .hasSizeLessThanOrEqualTo(1);
        assertThat(world.server.written()).allSatisfy(IncarnationOnAFaultyDisk::isToldAsWhatItIs);
        versions().forEach(version -> assertThat(sealed(world, version)).isNotEmpty());
        WorkingCopy copy = world.hypervisor.workingCopy(IncarnationFixture.VM);
        if (copy.state() == WorkingCopy.State.PRESENT) {
            world.tpms.probe(copy, null);
            assertThat(UefiVariables.fault(variables(world).getBytes(ISO_8859_1)))
                    .isEmpty();
        }
    }

    /** A broken disk is no fault of the agent's own, and nobody looks for room on one that is not full. */
    private static void isToldAsWhatItIs(VMIncarnationStatus status) {
        assertThat(status.reason()).isNotEqualTo(Reason.AgentFault.name());
        boolean full = status.message() != null && status.message().contains("No space left on device");
        if (full) {
            assertThat(status.reason()).isEqualTo(Reason.NoSpace.name());
        }
    }

    /** What is broken for long outlives the agent's process; in the end somebody mends it. */
    private void mend(World world) {
        troubled += DiskFaults.failed().size() > 1 ? 1 : 0;
        if (troubled == PASSES_TO_A_RESTART) {
            world.restartAgent();
        }
        if (troubled == PASSES_TO_HEALING) {
            DiskFaults.heal();
        }
    }

    private static boolean isOffOrAsked(World world) {
        return world.hypervisor
                .find(IncarnationFixture.VM)
                .filter(domain -> !(domain.state() instanceof DomainState.ShuttingDown))
                .isEmpty();
    }

    private static void powerOff(World world) {
        if (world.domain().isPresent()) {
            world.hypervisor.powerOff(IncarnationFixture.VM);
        }
    }

    private static boolean runs(World world) {
        return world.hypervisor
                .find(IncarnationFixture.VM)
                .filter(domain -> domain.state() instanceof DomainState.Running)
                .isPresent();
    }

    /** Domains that were resumed after they had been made. */
    private static long incarnations(World world) {
        long incarnations = 0;
        boolean fresh = false;
        for (var call : world.hypervisor.calls()) {
            if (call.operation() == Operation.RESUME && fresh) {
                incarnations++;
            }
            fresh = call.operation() == Operation.CREATE_PAUSED || (fresh && call.operation() != Operation.RESUME);
        }
        return incarnations;
    }

    private VMIncarnationStatus status(VMIncarnation incarnation) {
        return here.server.read(incarnation).getStatus();
    }

    private Phase phase(VMIncarnation incarnation) {
        return status(incarnation) == null ? null : status(incarnation).phase();
    }

    private static VmRecord record(World world) {
        return world.memory().lookUp(IncarnationFixture.VM).found().orElseThrow();
    }

    private List<String> home() {
        return Files.exists(here.folder().path()) ? here.home() : List.of();
    }

    private Stream<GuestStateVersion> versions() {
        return home().stream().flatMap(name -> GuestStateName.parse(name).stream());
    }

    private GuestStateVersion newest() {
        return versions().max(GuestStateVersion::compareTo).orElseThrow();
    }

    private static String sealed(World world, GuestStateVersion version) {
        try {
            return new String(world.sealedAs(version.toString()).tpm(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String variables(World world) {
        try {
            return Files.readString(
                    world.hypervisor.workingCopy(IncarnationFixture.VM).variables(), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
