package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** RestartRequired of a VM with two cores, 1Gi of memory, an OS disk of 10Gi, data disks and a filtered card. */
class PendingChangesTest {
    private static final String RESTART =
            ": to apply that, restart the guest with kubectl tlvm restart payroll -n finance";

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.cores(4))), "spec.cores is 4, and the guest has 2"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.memory(new Quantity("512Mi")))),
                        "spec.memory is 512Mi, and the guest has 1Gi"),
                Arguments.of(
                        changed(scene -> scene.osDisk("20Gi")), "spec.osDisk.size is 20Gi, and the guest has 10Gi"),
                Arguments.of(
                        changed(scene -> scene.spec(data("2Gi"))),
                        "spec.dataDisks, size of data is 2Gi, and the guest has 1Gi"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.dataDisks(List.of(
                                new DataDisk("logs", new Quantity("500Mi")),
                                new DataDisk("more", new Quantity("1Gi")))))),
                        "spec.dataDisks has more, and the guest has not: it is a new, empty disk; spec.dataDisks lacks data,"
                                + " which the guest has: its file is kept as removed disk data"),
                Arguments.of(
                        changed(scene -> scene.with(filter("None"))),
                        "trafficFilter of VMNetwork default is None, and the guest has clean-traffic"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.cores(1)).osDisk("11Gi")),
                        "spec.cores is 1, and the guest has 2; spec.osDisk.size is 11Gi, and the guest has 10Gi"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("changes")
    void whatOnlyAStartAppliesIsNamedWithBothValuesAndTheNextStep(UnaryOperator<VmScene> change, String named) {
        Condition condition = condition(change.apply(runs()));

        assertThat(condition.getStatus()).isEqualTo("True");
        assertThat(condition.getReason()).isEqualTo("SpecChanged");
        assertThat(condition.getMessage()).isEqualTo(named + RESTART);
    }

    static Stream<UnaryOperator<VmScene>> noChanges() {
        return Stream.of(
                changed(scene -> scene),
                changed(scene -> scene.spec(spec -> spec.memory(new Quantity("1024Mi")))),
                changed(scene -> scene.spec(data("0.5Gi")).osDisk("9Gi")),
                changed(scene -> scene.spec(spec -> spec.terminationGracePeriodSeconds(3))),
                changed(scene -> scene.offers(offers -> offers.networks(Map.of()))),
                changed(scene -> scene.offers(offers -> offers.locations(Map.of()))),
                changed(scene -> scene.spec(spec -> spec.storageLocationRef(new ObjectRef("other")))));
    }

    /** No start makes a disk smaller, and one that something forbids is not asked for. */
    @ParameterizedTest
    @MethodSource("noChanges")
    void nothingElseRequiresARestart(UnaryOperator<VmScene> change) {
        assertNotRequired(change.apply(runs()), Reason.UpToDate);
    }

    @Test
    void onlyAGuestThatGoesOnRequiresOne() {
        UnaryOperator<VmScene> grown = scene -> scene.osDisk("20Gi");
        assertNotRequired(applied().with(grown), Reason.NotRunning);
        assertNotRequired(
                reserved(1).incarnation(1, Running, status(Phase.Preparing)).with(grown), Reason.NotRunning);
        assertNotRequired(runs().with(grown).strategy(RunStrategy.Halted), Reason.NotRunning);
        assertNotRequired(
                runs().incarnation(1, Stopped, reported(Phase.Stopping)).with(grown), Reason.NotRunning);
        assertNotRequired(runs().incarnation(1, Running, ended(Exit.Shutdown)).with(grown), Reason.NotRunning);
        assertNotRequired(runs().fenced("host-a").with(grown), Reason.NotRunning);
        assertNotRequired(runs().with(grown).deleted(), Reason.NotRunning);
    }

    @Test
    void theConditionOfAGuestThatHasAllOfItsSpecIsFalse() {
        assertThat(condition(runs()).getStatus()).isEqualTo("False");
        assertThat(condition(runs()).getReason()).isEqualTo("UpToDate");
    }

    @Test
    void disksThatWereNotWholeAtTheStartAreSaidToGrowLater() {
        assertThat(condition(runs()).getMessage()).isEqualTo("the guest runs with what a start would give it now");
        VmScene filled = runs().incarnation(1, spec -> spec.diskFill(Vms.UID));
        assertThat(new PendingChanges(filled.facts()).verdict().message()).contains("grow once it is started again");
    }

    /** It is paused between its nodes, with the machine that it had. */
    @Test
    void aGuestThatArrivesElsewhereRequiresItAsBefore() {
        VmScene arriving = runs().onRecord("host-b", 2)
                .incarnation(2, Running, status(Phase.Received))
                .incarnation(2, spec -> spec.nodeName("host-b").arrival(new Arrival(1L, "host-a", true, false)))
                .osDisk("20Gi");

        assertThat(new PendingChanges(arriving.facts()).verdict().reason()).isEqualTo(Reason.SpecChanged);
    }

    private static VmScene runs() {
        return VmScene.recorded(1).spec(data("1Gi")).incarnation(1, Running, reported(Phase.Running));
    }

    private static UnaryOperator<TrustedLaunchVMSpecBuilder> data(String size) {
        return spec -> spec.dataDisks(
                List.of(new DataDisk("logs", new Quantity("500Mi")), new DataDisk("data", new Quantity(size))));
    }

    private static UnaryOperator<VmScene> filter(String name) {
        return scene -> scene.offers(offers -> offers.networks(Map.of("default", new VMNetworkSpec(List.of(), name))));
    }

    private static UnaryOperator<VmScene> changed(UnaryOperator<VmScene> change) {
        return change;
    }

    private static void assertNotRequired(VmScene scene, Reason reason) {
        assertThat(new PendingChanges(scene.facts()).verdict().reason()).isEqualTo(reason);
    }

    private static Condition condition(VmScene scene) {
        return Conditions.find(scene.newStatus().conditions(), ConditionType.RestartRequired)
                .orElseThrow();
    }
}
