package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.takenOver;
import static io.trustedlaunch.operator.vm.plan.VmScene.OWN_UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.testkit.Incarnations;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The places of a guest's devices, as its agent reports them, are those of all later incarnations. */
class PlacesOnRecordTest {
    private static final List<DevicePlace> PLACES = List.of(
            new DevicePlace("root-port/1", "00:01.0"),
            new DevicePlace("root-port/2", "00:01.1"),
            new DevicePlace("disk/os", "01:00.0"),
            new DevicePlace("disk/data", "02:00.0"));

    private static final List<DevicePlace> TURNED = List.of(
            PLACES.get(0),
            PLACES.get(1),
            new DevicePlace("disk/os", "02:00.0"),
            new DevicePlace("disk/data", "01:00.0"));

    private static final List<DevicePlace> CONFLICTING =
            List.of(PLACES.get(0), PLACES.get(2), new DevicePlace("disk/data", "01:00.0"));

    @Test
    void aFirstStartHasNone() {
        assertThat(created(reserved(1)).machine().places()).isEmpty();
        assertThat(created(applied().withFinalizer().withKey().onRecord("host-a", 1))
                        .machine()
                        .places())
                .isEmpty();
    }

    @Test
    void theSecondIncarnationHasWhatTheFirstReported() {
        assertThat(second().places()).isEqualTo(PLACES);
    }

    @Test
    void theThirdHasThemAlthoughTheSecondNeverRan() {
        VmScene scene = stopped(PLACES)
                .onRecord("host-a", 2)
                .incarnation(2, Stopped, neverRan())
                .incarnation(2, placed(PLACES))
                .removed(1)
                .onRecord("host-a", 3);

        assertThat(created(scene).machine().places()).isEqualTo(PLACES);
    }

    @Test
    void anIncarnationThatIsMadeAgainHasThoseOfTheOneBefore() {
        VmScene scene = stopped(PLACES).onRecord("host-a", 2);

        assertThat(created(scene).machine().places()).isEqualTo(PLACES);
        assertThat(created(scene.incarnation(2, Running).removed(2)).machine().places())
                .isEqualTo(PLACES);
    }

    /** The source was given a disk after the migration had failed; the target's node was lost, and reports nothing. */
    @Test
    void theTargetOfAMigrationWhoseGuestStayedSaysNothingOfThem() {
        VmScene scene = stopped(PLACES)
                .incarnation(2, Stopped)
                .incarnation(2, placed(PLACES.subList(0, 3)))
                .incarnation(2, spec -> spec.arrival(new Arrival(1L, "host-a", true, true)))
                .onRecord("host-a", 3);

        assertThat(new MachineBuilder(scene.facts()).places()).isEqualTo(PLACES);
    }

    @Test
    void theyAreTheSameAfterAFailover() {
        VmScene dead = running()
                .incarnation(
                        1,
                        Running,
                        reported(Phase.Running).guestState(sealed(1, 3)).places(PLACES))
                .sharedLocation()
                .fenced("host-a")
                .onRecord("host-b", 2);

        VMIncarnationSpec next = created(dead);
        assertThat(next.nodeName()).isEqualTo("host-b");
        assertThat(next.machine().places()).isEqualTo(PLACES);
    }

    @Test
    void theTargetOfAMigrationHasExactlyThoseOfItsSource() {
        for (List<DevicePlace> reported : List.of(PLACES, TURNED, CONFLICTING, List.<DevicePlace>of())) {
            Incarnation source = new Incarnation(Incarnations.incarnation(
                    Incarnations.spec(2)
                            .machine(Incarnations.machine().places(PLACES).build())
                            .build(),
                    reported(Phase.Running).places(reported).build()));

            assertThat(IncarnationBuilder.ofNextMigration(running().facts(), source)
                            .machine())
                    .isEqualTo(source.machine());
        }
    }

    @Test
    void whatANodeReportsOfDevicesThatAreOnRecordDoesNotCount() {
        for (List<DevicePlace> lie : List.of(TURNED, CONFLICTING, List.<DevicePlace>of(), tooMany())) {
            VmScene scene = stopped(lie).incarnation(1, placed(PLACES)).onRecord("host-a", 2);

            assertThat(created(scene).machine().places()).isEqualTo(PLACES);
        }
    }

    @Test
    void placesThatNoMachineCanHaveDoNotGoOnRecord() {
        for (List<DevicePlace> lie : List.of(CONFLICTING, tooMany())) {
            assertThat(created(stopped(lie).onRecord("host-a", 2)).machine().places())
                    .isEmpty();
        }
    }

    /** As the target of a migration, whose guest never came. */
    @Test
    void ofAGuestThatDidNotRunNothingIsKnown() {
        for (Phase phase : List.of(Phase.Preparing, Phase.Receiving, Phase.Prepared)) {
            VMIncarnation incarnation = Incarnations.incarnation(
                    Incarnations.spec(2).build(), status(phase).places(PLACES).build());
            assertThat(new Incarnation(incarnation).places()).isEmpty();
        }
        VMIncarnation without = Incarnations.incarnation(
                Incarnations.spec(2).build(),
                reported(Phase.Running).places(PLACES).build());
        assertThat(Incarnation.ofTargetWithoutGuest(without).places()).isEmpty();
    }

    /** Its order in the spec is no matter. */
    @Test
    void aDiskThatIsAddedBeforeOthersTakesNoPlace() {
        VmScene scene = stopped(PLACES)
                .spec(spec -> spec.dataDisks(List.of(disk("another"), disk("data"))))
                .onRecord("host-a", 2);

        assertThat(created(scene).machine().dataDisks())
                .extracting(VMIncarnationSpec.Disk::name)
                .containsExactly("another", "data");
        assertThat(created(scene).machine().places()).isEqualTo(PLACES);
    }

    /** Otherwise an incarnation that prepares its guest would end, and the next one as well. */
    @Test
    void placesThatComeToBeKnownDoNotChangeTheSpec() {
        VmScene scene = stopped(List.of()).onRecord("host-a", 2).incarnation(2, Running);
        scene.incarnation(
                1, Stopped, ended(Exit.Shutdown).guestState(sealed(1, 3, true)).places(PLACES));
        Incarnation second = scene.facts().incarnations().of(2).orElseThrow();

        assertThat(second.machine().places()).isEmpty();
        assertThat(new SpecChange(scene.facts(), second).exists()).isFalse();
    }

    /** Also if the VM that took it over is retained before it has started. */
    @Test
    void aVmThatIsRetainedAndTakenOverHasThemAgain() {
        RetainedVMRecord record =
                VmRetentionTest.record(stopped(PLACES).retained().deleted());
        assertThat(record.places()).isEqualTo(PLACES);
        VmScene taken = recorded(1).home("host-a", 1, true).restoring().key(takenOver(record, OWN_UID));

        assertThat(new MachineBuilder(taken.facts()).ofNextStart().places()).isEqualTo(PLACES);
        assertThat(VmRetentionTest.record(taken.retained().deleted()).places()).isEqualTo(PLACES);
        assertThat(RetainedVMRecord.parse(record.toJson())).isEqualTo(record);
    }

    private static VMIncarnationSpec.Machine second() {
        return created(stopped(PLACES).onRecord("host-a", 2)).machine();
    }

    private static VmScene stopped(List<DevicePlace> places) {
        return running()
                .incarnation(
                        1,
                        Stopped,
                        ended(Exit.Shutdown).guestState(sealed(1, 3, true)).places(places));
    }

    private static UnaryOperator<VMIncarnationSpecBuilder> placed(List<DevicePlace> places) {
        return spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                .places(places)
                .build());
    }

    private static List<DevicePlace> tooMany() {
        List<DevicePlace> places = new ArrayList<>(PLACES);
        places.addAll(Collections.nCopies(64, new DevicePlace("seed", "03:00.0")));
        return places;
    }

    private static DataDisk disk(String name) {
        return new DataDisk(name, new Quantity("1Gi"));
    }
}
