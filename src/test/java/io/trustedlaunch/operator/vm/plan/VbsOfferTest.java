package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeSpecBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.SecurityProfile;
import io.trustedlaunch.api.vm.SecurityProfile.SecurityType;
import io.trustedlaunch.api.vm.SecurityProfile.UefiSettings;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.testkit.Nodes;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Virtualization-based security: what is placed where, what the condition says, and what does not migrate. */
class VbsOfferTest {
    private static final NodeVirtualization AMD = nested(ProcessorVendor.AMD, Nested.Proved);
    private static final NodeVirtualization INTEL = nested(ProcessorVendor.Intel, Nested.Offered);
    private static final NodeVirtualization NONE = nested(ProcessorVendor.Intel, Nested.None);
    private static final NodeVirtualization EVMCS =
            new NodeVirtualization(ProcessorVendor.Intel, Nested.Offered, "why", true);

    @Test
    void aVmThatRequiresItStartsOnlyWhereItIsOffered() {
        VmScene scene = wanting(applied().withFinalizer().withKey(), VirtualizationBasedSecurity.Required);
        assertStartsOn("host-b", on(scene, NONE, INTEL));
        assertStartsOn("host-b", on(scene, NONE, AMD));
        assertRefused(
                on(scene, NONE, NONE),
                Reason.NoNodeFits,
                "host-a: it does not offer virtualization-based security, which the VM requires: why");
        assertStartsOn("host-a", on(applied().withFinalizer().withKey(), NONE, INTEL));
    }

    @Test
    void onlyAUsersChoiceIsInTheMachine() {
        assertThat(nextMachine(applied()).virtualizationBasedSecurity()).isNull();
        for (VirtualizationBasedSecurity chosen : VirtualizationBasedSecurity.values()) {
            assertThat(nextMachine(wanting(applied(), chosen)).virtualizationBasedSecurity())
                    .isEqualTo(chosen);
        }
    }

    @Test
    void theConditionSaysWhetherItIsProved() {
        VmScene wanted = wanting(guest(NestedVirtualization.AMD), VirtualizationBasedSecurity.Required);
        assertCondition(on(wanted, AMD, AMD), "True", Reason.VbsOffered);
        assertCondition(
                on(wanting(guest(NestedVirtualization.Intel), VirtualizationBasedSecurity.Required), INTEL, INTEL),
                "Unknown",
                Reason.VbsNotProved);

        VmScene without = wanting(guest(NestedVirtualization.None), VirtualizationBasedSecurity.Offered);
        assertThat(assertCondition(on(without, NONE, INTEL), "False", Reason.VbsNotOffered))
                .isEqualTo("the guest has no nested virtualization: host-a does not offer it (why)");
        assertThat(assertCondition(on(without, INTEL, INTEL), "False", Reason.VbsNotOffered))
                .endsWith("restart the VM");
    }

    @Test
    void windowsHasItByDefaultAndLinuxHasNot() {
        VmScene linux = on(guest(NestedVirtualization.None), INTEL, INTEL);
        assertThat(condition(linux)).isEmpty();
        assertThat(condition(windows(on(guest(NestedVirtualization.Intel), INTEL, INTEL))))
                .isPresent();
        assertThat(condition(windows(wanting(
                        on(guest(NestedVirtualization.Intel), INTEL, INTEL), VirtualizationBasedSecurity.None))))
                .isEmpty();
    }

    /** An agent of an earlier version does not report what its guest has. */
    @Test
    void itSaysNothingAboutAGuestThatDoesNotRunOrIsNotKnown() {
        VmScene required = wanting(running(), VirtualizationBasedSecurity.Required);
        assertThat(condition(on(required, INTEL, INTEL))).isEmpty();
        assertThat(condition(on(
                        required.incarnation(
                                1,
                                Stopped,
                                ended(Exit.Shutdown)
                                        .guestState(sealed(1, 7, true))
                                        .nested(NestedVirtualization.Intel)),
                        INTEL,
                        INTEL)))
                .isEmpty();
    }

    @Test
    void aNestedGuestOnAmdDoesNotMigrateUnlessItsNodeAllowsIt() {
        VmScene scene = on(guest(NestedVirtualization.AMD).sharedLocation(), AMD, AMD);
        Problem verdict = new Migratability(scene.facts()).verdict();
        assertThat(verdict.reason()).isEqualTo(Reason.NestedGuestOnAMD);
        assertThat(verdict.message()).contains("on host-a", "set spec.allowNestedMigration of ClusterNode host-a");

        ClusterNodeSpec allowing = ClusterNodeSpecBuilder.builder(Nodes.spec(Maintenance.None))
                .allowNestedMigration(true)
                .build();
        assertThat(migratable(scene.node("host-a", node -> node.spec(allowing))))
                .isEqualTo(Reason.Migratable);
        assertThat(migratable(on(guest(NestedVirtualization.None).sharedLocation(), AMD, AMD)))
                .as("a guest without nesting")
                .isEqualTo(Reason.Migratable);
        assertThat(migratable(on(guest(NestedVirtualization.Intel).sharedLocation(), INTEL, INTEL)))
                .isEqualTo(Reason.Migratable);
        assertThat(migratable(on(guest(NestedVirtualization.Intel).sharedLocation(), INTEL, AMD)))
                .isEqualTo(Reason.NoNodeFits);
    }

    @Test
    void aVmThatRequiresItFailsOverOnlyToANodeThatOffersIt() {
        VmScene scene = wanting(guest(NestedVirtualization.AMD).sharedLocation(), VirtualizationBasedSecurity.Required);
        assertThat(new FailoverReadiness(on(scene, AMD, NONE).facts()).verdict().reason())
                .isEqualTo(Reason.VbsNotOffered);
        assertThat(new FailoverReadiness(on(scene, AMD, INTEL).facts())
                        .verdict()
                        .reason())
                .isEqualTo(Reason.FailoverReady);
    }

    @Test
    void evmcsIsUsedOnlyIfAllEnrolledNodesOfIntelHaveIt() {
        VmScene windows = windows(running());
        assertThat(nextMachine(on(windows, EVMCS, EVMCS)).enlightenedVmcs()).isTrue();
        assertThat(nextMachine(on(windows, EVMCS, AMD)).enlightenedVmcs()).isTrue();
        assertThat(nextMachine(on(windows, EVMCS, INTEL)).enlightenedVmcs()).isFalse();
        assertThat(nextMachine(on(windows, EVMCS, INTEL).revoked("host-b")).enlightenedVmcs())
                .isTrue();
        assertThat(nextMachine(on(windows, AMD, AMD)).enlightenedVmcs()).isFalse();
        assertThat(nextMachine(windows(running())
                                .node(
                                        "host-a",
                                        node -> node.status(Nodes.status()
                                                .virtualization(EVMCS)
                                                .build())))
                        .enlightenedVmcs())
                .as("host-b's agent is older")
                .isFalse();
        assertThat(nextMachine(on(running(), EVMCS, EVMCS)).enlightenedVmcs())
                .as("Linux")
                .isFalse();
        assertThat(nextMachine(wanting(on(windows, EVMCS, EVMCS), VirtualizationBasedSecurity.None))
                        .enlightenedVmcs())
                .isFalse();
    }

    /** A node that joins does not replace the machines of guests that are being started. */
    @Test
    void aMachineThatIsThereKeepsWhatItHas() {
        VmScene scene = on(running(), EVMCS, EVMCS);
        changed(scene, machine -> machine.enlightenedVmcs(true));
        for (NodeVirtualization other : List.of(INTEL, EVMCS)) {
            VmFacts facts = on(scene, EVMCS, other).facts();
            assertThat(new SpecChange(facts, facts.incarnations().current().orElseThrow()).exists())
                    .isFalse();
        }
    }

    private static Reason migratable(VmScene scene) {
        return new Migratability(scene.facts()).verdict().reason();
    }

    private static Machine nextMachine(VmScene scene) {
        return new MachineBuilder(scene.facts()).ofNextStart();
    }

    private static String assertCondition(VmScene scene, String status, Reason reason) {
        Condition found = condition(scene).orElseThrow();
        assertThat(found.getStatus()).isEqualTo(status);
        assertThat(found.getReason()).isEqualTo(reason.name());
        return found.getMessage();
    }

    private static Optional<Condition> condition(VmScene scene) {
        return Conditions.find(scene.newStatus().conditions(), ConditionType.VirtualizationBasedSecurity);
    }

    private static VmScene guest(NestedVirtualization has) {
        return running().incarnation(1, Running, reported(Phase.Running).nested(has));
    }

    /** It is wanted since the VM's creation, and so in its machine. */
    private static VmScene wanting(VmScene scene, VirtualizationBasedSecurity wanted) {
        return changed(
                scene.spec(spec -> spec.securityProfile(
                        new SecurityProfile(SecurityType.TrustedLaunch, true, new UefiSettings(true), wanted))),
                machine -> machine.virtualizationBasedSecurity(wanted));
    }

    private static VmScene windows(VmScene scene) {
        return changed(scene, machine -> machine.osType(OsType.Windows));
    }

    /** The machine of its incarnation, if there is one. */
    private static VmScene changed(VmScene scene, UnaryOperator<VMIncarnationSpecMachineBuilder> change) {
        return scene.facts().incarnations().current().isEmpty()
                ? scene
                : scene.incarnation(
                        1,
                        spec -> spec.machine(change.apply(VMIncarnationSpecMachineBuilder.builder(spec.machine()))
                                .build()));
    }

    private static VmScene on(VmScene scene, NodeVirtualization hostA, NodeVirtualization hostB) {
        return on(on(scene, "host-a", hostA), "host-b", hostB);
    }

    private static VmScene on(VmScene scene, String name, NodeVirtualization has) {
        return scene.node(
                name, node -> node.status(Nodes.status().virtualization(has).build()));
    }

    private static NodeVirtualization nested(ProcessorVendor vendor, Nested nested) {
        return new NodeVirtualization(vendor, nested, "why", false);
    }
}
