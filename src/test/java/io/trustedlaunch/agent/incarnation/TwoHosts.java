package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Two hosts with an agent each, and a guest on the first that is to be migrated to the second. The operator is played. */
abstract class TwoHosts {
    static final String OTHER = "host-b";
    static final String UNSEALED = "something that is not sealed yet";

    private static final String WRITTEN = "what the guest wrote to its disk";
    private static final int ROUNDS = 30;
    private static final int SETTLED_ROUNDS = 3;

    /** Whether both hosts have the VM's folder, or its disks and its home are copied. */
    enum Folders {
        SHARED,
        SEPARATE
    }

    @Parameter
    Folders folders = Folders.SHARED;

    World source;
    World target;
    VMIncarnation departing;
    VMIncarnation arriving;

    @BeforeEach
    void startAGuest(@TempDir Path root) throws IOException {
        source = new World(Files.createDirectory(root.resolve("a")));
        target = source.connect(OTHER, root.resolve("b"), folders == Folders.SHARED);
        departing = source.incarnation(1);
        source.pass(departing);
        assertThat(source.status(departing).phase()).isEqualTo(Phase.Running);
        Files.writeString(source.folder().osDisk(), WRITTEN);
        source.guestStores(UNSEALED);
        source.hypervisor.putVariables(VM, "changed");
    }

    boolean copiesDisks() {
        return folders == Folders.SEPARATE;
    }

    void expectTheGuest() {
        arriving = target.arrival(2, departing);
        pass(target, arriving);
    }

    void requestMigration() {
        source.server.edit(departing, spec -> spec.departure(departure().build()));
    }

    void cancelMigration() {
        source.server.edit(
                departing, spec -> spec.departure(departure().cancelled(true).build()));
    }

    private VMIncarnationSpecDepartureBuilder departure() {
        return Incarnations.departure(2, OTHER).copiesDisks(copiesDisks());
    }

    /** Until the guest has left, and the other agent knows it. */
    void migrate() {
        expectTheGuest();
        requestMigration();
        source.passWithRestarts(departing);
        assertThat(course()).contains(Course.Left);
    }

    /** The migration is under way, and does not end by itself. */
    void beginMigration() {
        expectTheGuest();
        source.migrations.hanging = true;
        requestMigration();
        source.pass(departing);
    }

    /** The guest has left, and the agent died before it could say so. */
    void migrateAndDieBeforeTheHandoff() {
        expectTheGuest();
        requestMigration();
        source.dieAt(Failpoint.SOURCE_LEFT_RECORDED, departing);
    }

    Optional<Course> course() {
        return Optional.ofNullable(source.status(departing).departure()).map(VMIncarnationStatus.Departure::course);
    }

    static void operatorSaysThatTheGuestHasLeft(World world, VMIncarnation arriving) {
        world.server.edit(arriving, spec -> {
            Arrival arrival = spec.arrival();
            return spec.arrival(new Arrival(arrival.epoch(), arrival.nodeName(), true, arrival.copiesDisks()));
        });
    }

    /** Acts as the operator, and lets time pass. */
    void settle() {
        int settled = 0;
        for (int round = 0; round < ROUNDS && settled < SETTLED_ROUNDS; round++) {
            pass(source, departing);
            pass(target, arriving);
            if (course().equals(Optional.of(Course.Left))) {
                operatorSaysThatTheGuestHasLeft(source, arriving);
                source.server.desire(departing, DesiredState.Stopped);
            }
            if (Exit.NeverRan.equals(target.status(arriving).exit())) {
                source.server.edit(
                        departing,
                        spec -> spec.departure(departure().returned(true).build()));
            }
            if (course().equals(Optional.of(Course.Stayed))) {
                source.server.desire(arriving, DesiredState.Stopped);
            }
            source.later(Duration.ofSeconds(31));
            target.later(Duration.ofSeconds(31));
            if (round == ROUNDS / 2) {
                source.migrations.messagesLost = false;
            }
            settled = isSettled() ? settled + 1 : 0;
        }
    }

    private boolean isSettled() {
        VMIncarnationStatus left = source.status(departing);
        Phase phase = target.status(arriving).phase();
        return phase == Phase.Stopped
                || (phase == Phase.Running
                        && left.guestState() != null
                        && left.guestState().complete());
    }

    void pass(World host, VMIncarnation incarnation) {
        host.passWithRestarts(incarnation);
        assertThat(running()).isLessThanOrEqualTo(1);
    }

    private long running() {
        return Stream.of(source, target)
                .flatMap(host -> host.state().stream())
                .filter(DomainState.Running.class::isInstance)
                .count();
    }

    void assertMoved() throws IOException {
        assertThat(running()).isEqualTo(1);
        target.assertRuns();
        assertThat(target.hypervisor.find(VM).orElseThrow().epoch()).isEqualTo(2);
        VMIncarnationStatus here = target.status(arriving);
        assertThat(here.phase()).isEqualTo(Phase.Running);
        assertThat(here.ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(target.stored()).isEqualTo(UNSEALED);
        assertThat(target.home.tpm("2-1")).contains(UNSEALED);
        assertThat(Files.readString(target.copy().variables(), ISO_8859_1)).contains("changed");
        assertThat(target.folder().osDisk()).hasContent(WRITTEN);

        VMIncarnationStatus there = source.status(departing);
        assertThat(there.phase()).isEqualTo(Phase.Stopped);
        assertThat(there.exit()).isEqualTo(Exit.Migrated);
        assertThat(there.guestState().complete()).isTrue();
        assertThat(there.guestState().lastWatched())
                .as("the guest goes on elsewhere")
                .isNull();
        source.assertCopyErased();
        assertThat(Files.exists(source.folder().path())).isEqualTo(!copiesDisks());
        assertThat(source.tpms.made() + target.tpms.made()).isEqualTo(1);
    }

    void assertStayed() {
        source.assertRuns();
        assertThat(source.hypervisor.find(VM).orElseThrow().epoch()).isEqualTo(1);
        assertThat(source.status(departing).phase()).isEqualTo(Phase.Running);
        assertThat(course()).contains(Course.Stayed);
        assertThat(source.stored()).isEqualTo(UNSEALED);
        assertThat(source.hypervisor.calls()).noneMatch(call -> call.operation() == Operation.DESTROY);
        assertThat(source.folder().osDisk()).hasContent(WRITTEN);

        assertThat(target.state()).isEmpty();
        assertThat(target.status(arriving).phase()).isEqualTo(Phase.Stopped);
        assertThat(target.status(arriving).exit()).isEqualTo(Exit.NeverRan);
        target.assertCopyErased();
        assertThat(Files.exists(target.folder().path())).isEqualTo(!copiesDisks());
    }
}
