package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
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

    /** VIR_STREAM_NONBLOCK. */
    int NEVER_WAITS = 1;

    /** VIR_DOMAIN_CONSOLE_FORCE: whoever has the console open is disconnected. */
    int TAKE_CONSOLE = 1;

    /** Returns a stream to be freed, or null. */
    Pointer virStreamNew(ConnectionPointer connection, int flags);

    int virDomainOpenConsole(Pointer domain, String device, Pointer stream, int flags);

    /** Bytes received; 0 at the end, -1 where it failed, -2 where it would have to wait. */
    int virStreamRecv(Pointer stream, byte[] data, long length);

    /** Bytes sent; as above. */
    int virStreamSend(Pointer stream, byte[] data, long length);

    int virStreamAbort(Pointer stream);

    int virStreamFree(Pointer stream);

    /** Of this thread's last call that failed. */
    String virGetLastErrorMessage();

    /** Returns an array to be freed with {@link #virTypedParamsFree}. */
    int virDomainGetJobStats(
            Pointer domain, IntByReference type, PointerByReference parameters, IntByReference count, int flags);

    int virTypedParamsGetULLong(Pointer parameters, int count, String name, LongByReference value);

    int virTypedParamsGetInt(Pointer parameters, int count, String name, IntByReference value);

    void virTypedParamsFree(Pointer parameters, int count);

    /** Returns a string to be freed, or null. */
    Pointer virConnectGetDomainCapabilities(
            ConnectionPointer connection,
            String emulator,
            String architecture,
            String machine,
            String virtualization,
            int flags);
}
