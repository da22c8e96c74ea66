package io.trustedlaunch.agent.domain;

/** How a host runs a guest's processor. One value, so that nested virtualization without KVM cannot be asked for. */
public enum Acceleration {
    /** QEMU's own emulation: slow, only where the agent was started with an explicit flag. */
    EMULATED,
    /** KVM, but the guest cannot run a hypervisor, so that Windows has no virtualization-based security (VBS). */
    KVM,
    /** KVM on Intel with nested virtualization: VBS works. */
    KVM_NESTED_INTEL,
    /** KVM on AMD with nested virtualization: VBS works. */
    KVM_NESTED_AMD;

    public boolean kvm() {
        return this != EMULATED;
    }

    /** Whether the guest gets what virtualization-based security needs. */
    public boolean vbs() {
        return this == KVM_NESTED_INTEL || this == KVM_NESTED_AMD;
    }
}
