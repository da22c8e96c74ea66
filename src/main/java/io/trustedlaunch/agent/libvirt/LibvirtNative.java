package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import org.libvirt.jna.ConnectionPointer;

/** Functions of libvirt that its Java binding lacks. */
interface LibvirtNative extends Library {
    LibvirtNative INSTANCE = Native.load("virt", LibvirtNative.class);

    /** VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN: not through the guest agent, which the guest controls. */
    int SHUTDOWN_ACPI = 1;

    /** Returns a domain that the caller frees, or null. */
    Pointer virDomainLookupByUUIDString(ConnectionPointer connection, String uuid);

    int virDomainFree(Pointer domain);

    int virDomainGetState(Pointer domain, IntByReference state, IntByReference reason, int flags);

    int virDomainShutdownFlags(Pointer domain, int flags);

    /** Since 5.10. Without it a guest agent that does not respond blocks the caller forever. */
    int virDomainAgentSetResponseTimeout(Pointer domain, int seconds, int flags);

    /** Returns how many file systems are frozen; without mount points, of all. -1 on failure. */
    int virDomainFSFreeze(Pointer domain, Pointer mountPoints, int count, int flags);

    int virDomainFSThaw(Pointer domain, Pointer mountPoints, int count, int flags);

    /** VIR_DOMAIN_GUEST_INFO_OS, _TIMEZONE, _HOSTNAME, _FILESYSTEM. */
    int GUEST_OS = 1 << 1;

    int GUEST_TIME_ZONE = 1 << 2;
    int GUEST_HOST_NAME = 1 << 3;
    int GUEST_FILE_SYSTEMS = 1 << 4;

    /** Since 5.7. Asks the guest agent. Returns an array that the caller frees with {@link #virTypedParamsFree}. */
    int virDomainGetGuestInfo(
            Pointer domain, int kinds, PointerByReference parameters, IntByReference count, int flags);

    /** VIR_STREAM_NONBLOCK. */
    int NONBLOCK = 1;

    /** VIR_DOMAIN_CONSOLE_FORCE: disconnects the console's previous user. */
    int TAKE_CONSOLE = 1;

    /** Sets the interfaces to an array that the caller frees, each with {@link #virDomainInterfaceFree}. Returns their number. */
    int virDomainInterfaceAddresses(Pointer domain, PointerByReference interfaces, int source, int flags);

    void virDomainInterfaceFree(Pointer each);

    /** Returns a stream that the caller frees, or null. */
    Pointer virStreamNew(ConnectionPointer connection, int flags);

    int virDomainOpenConsole(Pointer domain, String device, Pointer stream, int flags);

    /** VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH: the agent has admitted the client. */
    int WITHOUT_PASSWORD = 1;

    /** Returns a socket that the caller closes: its other end is QEMU's, which takes it for an accepted client. -1 on failure. */
    int virDomainOpenGraphicsFD(Pointer domain, int index, int flags);

    /** Returns the bytes received; 0 at the end, -1 on failure, -2 if it would block. */
    int virStreamRecv(Pointer stream, byte[] data, long length);

    /** Returns the bytes sent; otherwise as {@link #virStreamRecv}. */
    int virStreamSend(Pointer stream, byte[] data, long length);

    int virStreamAbort(Pointer stream);

    int virStreamFree(Pointer stream);

    /** The message is of this thread's last failed call. */
    String virGetLastErrorMessage();

    /** Returns an array that the caller frees with {@link #virTypedParamsFree}. */
    int virDomainGetJobStats(
            Pointer domain, IntByReference type, PointerByReference parameters, IntByReference count, int flags);

    int virTypedParamsGetULLong(Pointer parameters, int count, String name, LongByReference value);

    int virTypedParamsGetInt(Pointer parameters, int count, String name, IntByReference value);

    int virTypedParamsGetUInt(Pointer parameters, int count, String name, IntByReference value);

    /** Sets the value to a string that belongs to the parameters. */
    int virTypedParamsGetString(Pointer parameters, int count, String name, PointerByReference value);

    void virTypedParamsFree(Pointer parameters, int count);

    /** VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE and _NOWAIT: nothing of a QEMU that another call waits for. */
    int STATS_AT_ONCE = 1 | 1 << 29;

    /** Sets the records to an array that the caller frees with {@link #virDomainStatsRecordListFree}. */
    int virConnectGetAllDomainStats(ConnectionPointer connection, int kinds, PointerByReference records, int flags);

    void virDomainStatsRecordListFree(Pointer records);

    /** Fills a disk from its whole chain; the bandwidth 0 is no limit. */
    int virDomainBlockPull(Pointer domain, String disk, NativeLong bandwidth, int flags);

    /** VIR_DOMAIN_AFFECT_LIVE. */
    int LIVE = 1;

    /** Since 4.4. Asks the guest to let go of the device. */
    int virDomainDetachDeviceAlias(Pointer domain, String alias, int flags);

    int virDomainGetUUIDString(Pointer domain, byte[] text);

    int virDomainGetID(Pointer domain);

    /** Returns a string that the caller frees, or null. */
    Pointer virConnectGetDomainCapabilities(
            ConnectionPointer connection,
            String emulator,
            String architecture,
            String machine,
            String virtualization,
            int flags);
}
