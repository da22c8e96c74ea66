package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A Linux guest on a host that can nest. */
class VirtualizationBasedSecurityTest extends OneHost {
    @Test
    void aGuestGetsNestedVirtualizationIfItIsToHaveIt() {
        nest();
        world.pass(incarnation);
        assertThat(world.hypervisor.spec(VM).orElseThrow().acceleration()).isEqualTo(Acceleration.KVM);
        assertThat(world.status(incarnation).nested()).isEqualTo(NestedVirtualization.None);
        world.stop(incarnation);

        VMIncarnation next = start(VirtualizationBasedSecurity.Required);
        DomainSpec domain = world.hypervisor.spec(VM).orElseThrow();
        assertThat(domain.acceleration()).isEqualTo(Acceleration.KVM_NESTED_AMD);
        assertThat(domain.withoutFeatures()).containsExactly("shstk");
        assertThat(world.status(next).nested()).isEqualTo(NestedVirtualization.AMD);
    }

    @Test
    void whatIsRequiredIsNotLeftOut() {
        world.pass(incarnation);
        world.stop(incarnation);
        VMIncarnation refused = start(VirtualizationBasedSecurity.Required);
        assertThat(world.reason(refused)).isEqualTo(Reason.VbsNotOffered);
        assertThat(world.status(refused).message())
                .isEqualTo(
                        "the VM requires virtualization-based security, and this node does not offer it: KVM does not work on"
                                + " the host");
        assertThat(world.hypervisor.spec(VM)).isEmpty();
    }

    @Test
    void whatIsOfferedIsNotMissed() {
        world.pass(incarnation);
        world.stop(incarnation);
        assertThat(world.status(start(VirtualizationBasedSecurity.Offered)).nested())
                .isEqualTo(NestedVirtualization.None);
    }

    private void nest() {
        world.hypervisor.setHost(HostFactsBuilder.builder(world.hypervisor.host())
                .kvm(true)
                .nested(Optional.of(Acceleration.KVM_NESTED_AMD))
                .virtualization(new NodeVirtualization(ProcessorVendor.AMD, Nested.Proved, "it ran", false))
                .shadowStacks(List.of("shstk"))
                .build());
    }

    private VMIncarnation start(VirtualizationBasedSecurity wanted) {
        VMIncarnation next = world.start(
                2,
                spec -> spec.guestStateFloor(version("1-1"))
                        .machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                .virtualizationBasedSecurity(wanted)
                                .build()));
        world.pass(next);
        return next;
    }
}
