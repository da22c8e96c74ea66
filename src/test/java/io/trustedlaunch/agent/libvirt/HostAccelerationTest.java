package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.NestingGuest.Result;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class HostAccelerationTest {
    private final List<Acceleration> refused = new ArrayList<>();
    private Result letter = Result.RAN;
    private Set<String> enlightenments = Set.of();

    @Test
    void nestedVirtualizationOfAmdIsProvedByTheTestGuest() {
        HostAcceleration found = find(ProcessorVendor.AMD, "svm", "shstk");

        assertThat(found.acceleration()).isEqualTo(Acceleration.KVM_NESTED_AMD);
        assertThat(found.virtualization().nested()).isEqualTo(Nested.Proved);
        assertThat(found.virtualization().offers()).contains(ProcessorVendor.AMD);
        assertThat(found.shadowStacks()).containsExactly("shstk");
    }

    @ParameterizedTest
    @EnumSource(value = Result.class, mode = Mode.EXCLUDE, names = "RAN")
    void withoutItsLetterNoGuestGetsIt(Result other) {
        letter = other;

        HostAcceleration found = find(ProcessorVendor.AMD, "svm");
        assertThat(found.acceleration()).isEqualTo(Acceleration.KVM);
        assertThat(found.virtualization().nested()).isEqualTo(Nested.None);
        assertThat(found.virtualization().vendor()).isEqualTo(ProcessorVendor.AMD);
        assertThat(found.virtualization().message()).contains(other.meaning());
    }

    @Test
    void nestedVirtualizationOfIntelIsOfferedAndNotProved() {
        HostAcceleration found = find(ProcessorVendor.Intel, "vmx");

        assertThat(found.acceleration()).isEqualTo(Acceleration.KVM_NESTED_INTEL);
        assertThat(found.virtualization().nested()).isEqualTo(Nested.Offered);
        assertThat(found.virtualization().offers()).contains(ProcessorVendor.Intel);
        assertThat(found.virtualization().enlightenedVmcs()).isFalse();

        enlightenments = Set.of("evmcs", "relaxed");
        assertThat(find(ProcessorVendor.Intel, "vmx").virtualization().enlightenedVmcs())
                .isTrue();
    }

    @Test
    void aHostThatDoesNotNestSaysWhatToDo() {
        HostAcceleration found = find(ProcessorVendor.Intel);
        assertThat(found.acceleration()).isEqualTo(Acceleration.KVM);
        assertThat(found.virtualization().nested()).isEqualTo(Nested.None);
        assertThat(found.virtualization().message()).contains("parameter nested of module kvm_intel or kvm_amd");

        refused.add(Acceleration.KVM_NESTED_INTEL);
        assertThat(find(ProcessorVendor.Intel, "vmx").virtualization().message())
                .isEqualTo("libvirt does not start a guest with vmx; see the agent's log");
        refused.add(Acceleration.KVM_NESTED_AMD);
        assertThat(find(ProcessorVendor.AMD, "svm").virtualization().message())
                .isEqualTo("libvirt does not start a guest with svm; see the agent's log");
    }

    @Test
    void withoutAWorkingKvmNothingIsOffered() {
        refused.addAll(List.of(Acceleration.values()));
        assertThat(find(ProcessorVendor.AMD, "svm").acceleration()).isEqualTo(Acceleration.EMULATED);

        HostAcceleration found = HostAcceleration.find(Optional.empty(), Optional.empty(), new Trials());
        assertThat(found.acceleration()).isEqualTo(Acceleration.EMULATED);
        assertThat(found.virtualization().message()).isEqualTo("KVM does not work on the host");
        assertThat(found.virtualization().offers()).isEmpty();
    }

    private HostAcceleration find(ProcessorVendor vendor, String... features) {
        return HostAcceleration.find(
                Optional.of(new DomainCapabilities(Optional.empty(), true, Set.of(features), enlightenments)),
                Optional.of(vendor),
                new Trials());
    }

    private final class Trials implements HostAcceleration.Trials {
        @Override
        public boolean starts(Acceleration acceleration) {
            return !refused.contains(acceleration);
        }

        @Override
        public Optional<Result> nests(Acceleration acceleration) {
            return Optional.of(letter);
        }
    }
}
