package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.LinkState;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where the devices of a guest are is reported when it runs, and a later start puts them there again. */
class PlacesTest extends OneHost {
    @Test
    void theyAreReportedWithTheRunningGuestAndCostNoReportOfTheirOwn() {
        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(world.status(incarnation).places())
                .contains(place("nic/nic0", "01:00.0"), place("disk/os", "03:00.0"), place("disk/data", "04:00.0"))
                .isEqualTo(world.hypervisor.places(VM, incarnation.getSpec().machine()));
        assertThat(world.status(incarnation).nested()).isEqualTo(NestedVirtualization.None);
        assertThat(reports(Phase.Running)).hasSize(1);
    }

    @Test
    void thoseOfAGuestThatRanBeforeItsAgentKnewThemAreReportedOnce() {
        world.pass(incarnation);
        forget(incarnation);
        world.restartAgent();
        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(world.status(incarnation).places()).isNotEmpty();
        assertThat(reports(Phase.Running).stream()
                        .filter(status -> !status.places().isEmpty() && status.nested() != null))
                .hasSize(2);
    }

    @Test
    void theyStayReportedToTheEnd() {
        world.pass(incarnation);
        List<DevicePlace> places = world.status(incarnation).places();
        world.stop(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).places()).isNotEmpty().isEqualTo(places);
    }

    @Test
    void theNextStartPutsEachDeviceWhereItWas() {
        world.pass(incarnation);
        List<DevicePlace> places = world.status(incarnation).places();
        world.stop(incarnation);
        VMIncarnation next = start(2, places);

        assertThat(world.hypervisor.spec(VM).orElseThrow().places()).isEqualTo(places);
        assertThat(world.status(next).places()).isEqualTo(places);
    }

    /** It is listed first, and the link of the other one goes down. */
    @Test
    void aCardThatIsAddedMovesNoOtherDevice() {
        world.pass(incarnation);
        List<DevicePlace> places = world.status(incarnation).places();
        world.stop(incarnation);
        Nic before = incarnation.getSpec().machine().nics().getFirst();
        List<Nic> cards = List.of(
                new Nic("added", before.network(), "52:54:00:12:34:5a", "None"),
                new Nic(before.name(), before.network(), before.mac(), before.trafficFilter(), LinkState.Down));
        VMIncarnation next = start(2, machine -> machine.places(places).nics(cards));

        assertThat(world.hypervisor.spec(VM).orElseThrow().nics()).isEqualTo(cards);
        assertThat(world.status(next).places())
                .containsAll(places)
                .extracting(DevicePlace::device)
                .contains("nic/added");
    }

    /** Whoever reported them: the VM would never start again. */
    @Test
    void placesThatNoMachineCanHaveAreAsIfThereWereNone() {
        world.pass(incarnation);
        List<DevicePlace> places = world.status(incarnation).places();
        world.stop(incarnation);
        VMIncarnation next = start(
                2,
                Stream.concat(places.stream(), Stream.of(place("nic/nic1", "01:00.0")))
                        .toList());

        assertThat(world.status(next).phase()).isEqualTo(Phase.Running);
        assertThat(world.hypervisor.spec(VM).orElseThrow().places()).isEmpty();
        assertThat(world.status(next).places()).isEqualTo(places);
    }

    @Test
    void aDiskThatTheMachineDoesNotHaveIsNotAddedBecauseOfItsPlace() {
        world.pass(incarnation);
        List<DevicePlace> places = world.status(incarnation).places().stream()
                .map(place -> place.device().equals("disk/data") ? place("disk/gone", place.address()) : place)
                .toList();
        world.stop(incarnation);
        start(2, places);

        assertThat(world.hypervisor.spec(VM).orElseThrow().dataDisks())
                .extracting(Disk::name)
                .containsExactly("data");
    }

    private VMIncarnation start(long epoch, List<DevicePlace> places) {
        return start(epoch, machine -> machine.places(places));
    }

    private VMIncarnation start(long epoch, UnaryOperator<VMIncarnationSpecMachineBuilder> change) {
        VMIncarnation next = world.start(
                epoch,
                spec -> spec.guestStateFloor(version("1-1"))
                        .machine(change.apply(VMIncarnationSpecMachineBuilder.builder(spec.machine()))
                                .build()));
        world.pass(next);
        return next;
    }

    /** As an agent reported it that did not know them. */
    private void forget(VMIncarnation running) {
        VMIncarnation known = world.server.read(running);
        world.server.write(
                known,
                VMIncarnationStatusBuilder.builder(known.getStatus())
                        .places(null)
                        .nested(null)
                        .build());
    }

    private List<VMIncarnationStatus> reports(Phase phase) {
        return world.server.written().stream()
                .filter(status -> status.phase() == phase)
                .toList();
    }

    private static DevicePlace place(String device, String address) {
        return new DevicePlace(device, address);
    }
}
