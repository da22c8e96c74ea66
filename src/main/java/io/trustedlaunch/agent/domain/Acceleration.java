package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.incarnation.NestedVirtualization;

/** How a host runs a guest's processors. One value, so that nested virtualization without KVM cannot be requested. */
public enum Acceleration {
    /** QEMU's emulation (TCG): slow, and used only if the agent was started with {@code --allow-emulation}. */
    EMULATED,
    /** KVM without nested virtualization, so that Windows has no virtualization-based security (VBS). */
    KVM,
    /** KVM on Intel with nested virtualization, as VBS needs it. */
    KVM_NESTED_INTEL,
    /** KVM on AMD with nested virtualization, as VBS needs it. */
    KVM_NESTED_AMD;

    public boolean kvm() {
        return this != EMULATED;
    }

    /** Whether the guest has nested virtualization and an IOMMU. */
    public boolean vbs() {
        return this == KVM_NESTED_INTEL || this == KVM_NESTED_AMD;
    }

    /** The same for a guest that has neither. */
    public Acceleration withoutNesting() {
        return vbs() ? KVM : this;
    }

    public NestedVirtualization nested() {
        return switch (this) {
            case EMULATED, KVM -> NestedVirtualization.None;
            case KVM_NESTED_INTEL -> NestedVirtualization.Intel;
            case KVM_NESTED_AMD -> NestedVirtualization.AMD;
        };
    }

    /**
     * That of a domain, as libvirt describes it.
     *
     * @param kvm whether its type is kvm
     * @param iommu whether it has an IOMMU
     * @param svm whether its processors must have svm
     */
    public static Acceleration ofDomain(boolean kvm, boolean iommu, boolean svm) {
        if (!kvm) {
            return EMULATED;
        }
        if (!iommu) {
            return KVM;
        }
        return svm ? KVM_NESTED_AMD : KVM_NESTED_INTEL;
    }
}
