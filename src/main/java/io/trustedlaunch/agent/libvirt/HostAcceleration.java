package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.NestingGuest.Result;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The best acceleration that a host was seen to have.
 *
 * @param shadowStacks the features of its processor that are shadow stacks, by libvirt's names
 */
record HostAcceleration(Acceleration acceleration, NodeVirtualization virtualization, List<String> shadowStacks) {
    /** That of processors which have it (CET). Which name libvirt has depends on its version. */
    private static final Set<String> SHADOW_STACKS = Set.of("cet-ss", "shstk");

    /** What trial domains show. */
    interface Trials {
        boolean starts(Acceleration acceleration);

        /** Empty if there is no test guest for that acceleration. */
        Optional<Result> nests(Acceleration acceleration);
    }

    /**
     * Tries what libvirt reports, the best first.
     *
     * @param kvm what libvirt reports about KVM; empty if there is none
     * @param vendor of the host's processor
     */
    static HostAcceleration find(Optional<DomainCapabilities> kvm, Optional<ProcessorVendor> vendor, Trials trials) {
        Set<String> features = kvm.map(DomainCapabilities::cpuFeatures).orElse(Set.of());
        List<String> shadowStacks =
                features.stream().filter(SHADOW_STACKS::contains).sorted().toList();
        String missing =
                "libvirt offers neither vmx nor svm to guests. Turn on virtualization in the host's firmware, and"
                        + " nested virtualization in its kernel (parameter nested of module kvm_intel or kvm_amd), and restart"
                        + " libvirtd";
        if (features.contains("vmx") && trials.starts(Acceleration.KVM_NESTED_INTEL)) {
            boolean evmcs = kvm.orElseThrow().enlightenments().contains("evmcs");
            return new HostAcceleration(
                    Acceleration.KVM_NESTED_INTEL,
                    new NodeVirtualization(
                            ProcessorVendor.Intel,
                            Nested.Offered,
                            "libvirt starts guests with vmx. There is no test guest for Intel yet that would prove that they"
                                    + " can run guests of their own",
                            evmcs),
                    shadowStacks);
        }
        if (features.contains("svm")) {
            Optional<Result> result = trials.starts(Acceleration.KVM_NESTED_AMD)
                    ? trials.nests(Acceleration.KVM_NESTED_AMD)
                    : Optional.empty();
            if (result.equals(Optional.of(Result.RAN))) {
                return new HostAcceleration(
                        Acceleration.KVM_NESTED_AMD,
                        new NodeVirtualization(
                                ProcessorVendor.AMD,
                                Nested.Proved,
                                "a test guest with svm: " + Result.RAN.meaning(),
                                false),
                        shadowStacks);
            }
            missing = result.map(seen -> "a test guest with svm: " + seen.meaning()
                            + ". See the log of kernel and QEMU on the host; it is tested again when libvirtd is"
                            + " restarted")
                    .orElse("libvirt does not start a guest with svm; see the agent's log");
        } else if (features.contains("vmx")) {
            missing = "libvirt does not start a guest with vmx; see the agent's log";
        }
        if (kvm.isPresent() && trials.starts(Acceleration.KVM)) {
            return without(Acceleration.KVM, vendor, missing);
        }
        return without(Acceleration.EMULATED, vendor, "KVM does not work on the host");
    }

    private static HostAcceleration without(Acceleration acceleration, Optional<ProcessorVendor> vendor, String why) {
        return new HostAcceleration(
                acceleration, new NodeVirtualization(vendor.orElse(null), Nested.None, why, false), List.of());
    }
}
