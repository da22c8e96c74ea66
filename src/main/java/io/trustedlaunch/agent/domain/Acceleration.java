package io.trustedlaunch.agent.domain;

/** How a host runs a guest's processors. One value, so that nested virtualization without KVM cannot be requested. */
public enum Acceleration {
    /** QEMU's emulation (TCG): slow, and used only if the agent was started with {@code --allow-emulation}. */
    EMULATED,
    /** KVM without nested virtualization, so that Windows has no virtualization-based security (VBS). */
    KVM,
    /** KVM on Intel with nested virtualization: VBS works. */
    KVM_NESTED_INTEL,
    /** KVM on AMD with nested virtualization: VBS works. */
    KVM_NESTED_AMD;

    public boolean kvm() {
        return this != EMULATED;
    }

    /** Whether virtualization-based security works in the guest. */
    public boolean vbs() {
        return this == KVM_NESTED_INTEL || this == KVM_NESTED_AMD;
    }
}
