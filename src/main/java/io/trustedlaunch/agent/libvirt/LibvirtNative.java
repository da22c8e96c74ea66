package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import org.libvirt.jna.ConnectionPointer;

/** What libvirt has and its Java binding has not. */
interface LibvirtNative extends Library {
    LibvirtNative INSTANCE = Native.load("virt", LibvirtNative.class);

    /** VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN: never through the guest agent, which may answer whatever the guest likes. */
    int SHUTDOWN_ACPI = 1;

    /** Returns a domain to be freed, or null. */
    Pointer virDomainLookupByUUIDString(ConnectionPointer connection, String uuid);

    int virDomainFree(Pointer domain);

    int virDomainGetState(Pointer domain, IntByReference state, IntByReference reason, int flags);

    int virDomainShutdownFlags(Pointer domain, int flags);

    /** Since 5.10. Without it a guest agent that never answers holds the caller for good. */
    int virDomainAgentSetResponseTimeout(Pointer domain, int seconds, int flags);

    /** Returns a string to be freed, or null. */
    Pointer virConnectGetDomainCapabilities(
            ConnectionPointer connection,
            String emulator,
            String architecture,
            String machine,
            String virtualization,
            int flags);
}
