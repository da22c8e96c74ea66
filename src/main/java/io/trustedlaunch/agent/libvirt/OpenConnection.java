package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.event.LifecycleListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The binding's connection, with calls that the binding lacks. */
final class OpenConnection extends Connect {
    private static final Logger LOG = LoggerFactory.getLogger(OpenConnection.class);

    private static final int FAILED = -1;

    /** What QEMU answers for some seconds after it has asked the guest. */
    private static final String BEING_DETACHED = "already in the process of unplug";

    private Optional<LifecycleListener> listener = Optional.empty();

    private final GuestAgents guestAgents = new GuestAgents(this::withDomain);
    private final DomainStatusFiles status;

    OpenConnection(LibvirtSettings settings) throws LibvirtException {
        super(settings.uri());
        status = new DomainStatusFiles(settings.runFolder());
    }

    /** Sets the connection's only listener. */
    synchronized void listen(LifecycleListener to) throws LibvirtException {
        addLifecycleListener(to);
        listener = Optional.of(to);
    }

    /** Removes the listener first: the binding throws a NullPointerException for an event after {@link #close}. */
    synchronized void shut() {
        try {
            if (listener.isPresent()) {
                removeLifecycleListener(listener.get());
            }
        } catch (LibvirtException e) {
            LOG.debug("Cannot remove the listener of a lost connection: {}", LibvirtErrors.text(e));
        }
        listener = Optional.empty();
        try {
            close();
        } catch (LibvirtException e) {
            LOG.debug("Cannot close a lost connection: {}", LibvirtErrors.text(e));
        }
    }

    /** Whether libvirtd still responds on it, as far as is known. */
    boolean isUsable() {
        try {
            return isAlive();
        } catch (LibvirtException e) {
            return false;
        }
    }

    /** Empty if there is no such domain. */
    Optional<DomainState> state(UUID domain) {
        IntByReference state = new IntByReference();
        IntByReference reason = new IntByReference();
        int result = withDomain(domain, pointer -> LibvirtNative.INSTANCE.virDomainGetState(pointer, state, reason, 0));
        return result == FAILED ? Optional.empty() : Optional.of(DomainStates.of(state.getValue(), reason.getValue()));
    }

    /** Returns false if there is no such domain, or it is not running. */
    boolean pressPowerButton(UUID domain) {
        int result = withDomain(
                domain, pointer -> LibvirtNative.INSTANCE.virDomainShutdownFlags(pointer, LibvirtNative.SHUTDOWN_ACPI));
        return result != FAILED;
    }

    /**
     * Has QEMU fill a disk from its backing.
     *
     * @param device the disk's name in the domain
     * @throws HypervisorException if libvirt refuses
     */
    void pull(UUID domain, String device) {
        error(domain, pointer -> LibvirtNative.INSTANCE.virDomainBlockPull(pointer, device, new NativeLong(0), 0))
                .ifPresent(error -> {
                    throw new HypervisorException(new HypervisorFailure.OperationFailed(
                            "libvirt cannot fill disk " + device + " of VM " + domain + ": " + error));
                });
    }

    /**
     * Asks the guest to let go of a device, and does not wait for it, other than {@link Domain#detachDeviceFlags}, which waits for some
     * seconds.
     *
     * @param alias the device's name in the domain
     * @throws HypervisorException if libvirt refuses
     */
    void requestDetach(UUID domain, String alias) {
        error(domain, pointer -> LibvirtNative.INSTANCE.virDomainDetachDeviceAlias(pointer, alias, LibvirtNative.LIVE))
                .filter(error -> !error.contains(BEING_DETACHED))
                .ifPresent(error -> {
                    throw new HypervisorException(new HypervisorFailure.OperationFailed(
                            "libvirt cannot remove device " + alias + " from VM " + domain + ": " + error));
                });
    }

    /** @throws HypervisorException if libvirt cannot open the console */
    LibvirtConsole openConsole(UUID domain) {
        Pointer stream = LibvirtNative.INSTANCE.virStreamNew(vcp, LibvirtNative.NONBLOCK);
        int result = stream == null
                ? FAILED
                : withDomain(
                        domain,
                        pointer -> LibvirtNative.INSTANCE.virDomainOpenConsole(
                                pointer, null, stream, LibvirtNative.TAKE_CONSOLE));
        if (result != FAILED) {
            return new LibvirtConsole(stream);
        }
        String error = LibvirtNative.INSTANCE.virGetLastErrorMessage();
        if (stream != null) {
            LibvirtNative.INSTANCE.virStreamFree(stream);
        }
        throw new HypervisorException(new HypervisorFailure.OperationFailed(
                "libvirt cannot open the console of VM " + domain + ": " + error));
    }

    /** @throws HypervisorException if libvirt cannot open the screen */
    LibvirtScreen openScreen(UUID domain) {
        int socket = withDomain(
                domain,
                pointer -> LibvirtNative.INSTANCE.virDomainOpenGraphicsFD(pointer, 0, LibvirtNative.WITHOUT_PASSWORD));
        if (socket == FAILED) {
            throw new HypervisorException(new HypervisorFailure.OperationFailed("libvirt cannot open the screen of VM "
                    + domain + ": " + LibvirtNative.INSTANCE.virGetLastErrorMessage()));
        }
        return new LibvirtScreen(socket);
    }

    /**
     * Replaces {@link Domain#interfaceAddresses}, which makes objects of all that a guest reports, looks its names up in the DNS
     * and fails on what is no address.
     *
     * @param source of {@link GuestAddresses}
     */
    List<IpAddress> addresses(UUID domain, int source, Set<String> macs) {
        PointerByReference array = new PointerByReference();
        int count = withDomain(
                domain, pointer -> LibvirtNative.INSTANCE.virDomainInterfaceAddresses(pointer, array, source, 0));
        if (count <= 0) {
            return List.of();
        }
        Pointer[] interfaces = array.getValue().getPointerArray(0, count);
        try {
            return ReportedAddresses.usable(List.of(interfaces), macs);
        } finally {
            Stream.of(interfaces).forEach(LibvirtNative.INSTANCE::virDomainInterfaceFree);
            Native.free(Pointer.nativeValue(array.getValue()));
        }
    }

    /**
     * Has QEMU carry out a command of its monitor, with a descriptor. libvirt calls the domain tainted (custom-monitor) from then on.
     *
     * @param command JSON
     * @return QEMU's answer, JSON
     * @throws HypervisorException if libvirt refuses, or the domain is missing
     */
    String monitorCommand(UUID domain, String command, int descriptor) {
        PointerByReference answer = new PointerByReference();
        error(
                        domain,
                        pointer -> LibvirtQemuNative.INSTANCE.virDomainQemuMonitorCommandWithFiles(
                                pointer, command, 1, new int[] {descriptor}, null, null, answer, 0))
                .ifPresent(error -> {
                    throw new HypervisorException(new HypervisorFailure.OperationFailed(
                            "libvirt cannot pass a file to QEMU of VM " + domain + ": " + error));
                });
        try {
            return answer.getValue().getString(0, "UTF-8");
        } finally {
            Native.free(Pointer.nativeValue(answer.getValue()));
        }
    }

    /** The guest agents of the domains. */
    GuestAgents guestAgents() {
        return guestAgents;
    }

    /** Also of a domain that is missing or not running: it has no job. */
    JobStatistics jobStatistics(UUID vm) throws LibvirtException {
        Optional<JobStatistics> now = statistics(vm);
        if (now.isEmpty()) {
            now = jobWithoutStatistics(vm);
        }
        // The job has statistics now if the binding found no cause.
        return now.or(() -> statistics(vm)).orElse(JobStatistics.NONE);
    }

    private Optional<JobStatistics> statistics(UUID vm) {
        IntByReference type = new IntByReference();
        IntByReference count = new IntByReference();
        PointerByReference parameters = new PointerByReference();
        int result = withDomain(
                vm, pointer -> LibvirtNative.INSTANCE.virDomainGetJobStats(pointer, type, parameters, count, 0));
        if (result == FAILED) {
            return Optional.empty();
        }
        try {
            return Optional.of(JobStatistics.read(new TypedParameters(parameters.getValue(), count.getValue())));
        } finally {
            LibvirtNative.INSTANCE.virTypedParamsFree(parameters.getValue(), count.getValue());
        }
    }

    /** The binding's calls throw the cause. */
    private Optional<JobStatistics> jobWithoutStatistics(UUID vm) throws LibvirtException {
        try {
            Domain domain = domainLookupByUUIDString(vm.toString());
            try {
                domain.getJobInfo();
                return Optional.empty();
            } catch (LibvirtException e) {
                if (LibvirtErrors.isInternal(e) && !hasBackup(domain) && status.hasBackupJob(vm)) {
                    return Optional.of(JobStatistics.BACKUP_WITHOUT_DATA);
                }
                throw e;
            } finally {
                domain.free();
            }
        } catch (LibvirtException e) {
            if (LibvirtErrors.isNoDomain(e) || LibvirtErrors.isOperationInvalid(e) || LibvirtErrors.isUnsupported(e)) {
                return Optional.of(JobStatistics.NONE);
            }
            throw e;
        }
    }

    private static boolean hasBackup(Domain domain) throws LibvirtException {
        try {
            domain.getBackupXMLDesc(0);
            return true;
        } catch (LibvirtException e) {
            if (LibvirtErrors.isNoBackup(e)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Reads the statistics of all domains by one call.
     *
     * @param kinds of {@link DomainStatistics}
     * @throws HypervisorException if libvirt does not answer it
     */
    List<GuestStatistics> statistics(int kinds, VtpmWatch vtpms) {
        PointerByReference records = new PointerByReference();
        int count =
                LibvirtNative.INSTANCE.virConnectGetAllDomainStats(vcp, kinds, records, LibvirtNative.STATS_AT_ONCE);
        if (count == FAILED) {
            throw new HypervisorException(new HypervisorFailure.OperationFailed(
                    "libvirt cannot report statistics: " + LibvirtNative.INSTANCE.virGetLastErrorMessage()));
        }
        try {
            return Stream.of(records.getValue().getPointerArray(0, count))
                    .map(new DomainStatistics(vtpms)::read)
                    .toList();
        } finally {
            LibvirtNative.INSTANCE.virDomainStatsRecordListFree(records.getValue());
        }
    }

    /** Empty if libvirt does not support this kind of virtualization here. */
    Optional<String> domainCapabilities(String virtualization) {
        Pointer text =
                LibvirtNative.INSTANCE.virConnectGetDomainCapabilities(vcp, null, "x86_64", "q35", virtualization, 0);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(text.getString(0, "UTF-8"));
        } finally {
            Native.free(Pointer.nativeValue(text));
        }
    }

    /** Why a call failed, which libvirt forgets as soon as the domain is freed; empty if it succeeded. */
    private Optional<String> error(UUID domain, ToIntFunction<Pointer> call) {
        Pointer pointer = LibvirtNative.INSTANCE.virDomainLookupByUUIDString(vcp, domain.toString());
        if (pointer == null) {
            return Optional.of(LibvirtNative.INSTANCE.virGetLastErrorMessage());
        }
        try {
            return call.applyAsInt(pointer) == FAILED
                    ? Optional.of(LibvirtNative.INSTANCE.virGetLastErrorMessage())
                    : Optional.empty();
        } finally {
            LibvirtNative.INSTANCE.virDomainFree(pointer);
        }
    }

    private int withDomain(UUID domain, ToIntFunction<Pointer> call) {
        Pointer pointer = LibvirtNative.INSTANCE.virDomainLookupByUUIDString(vcp, domain.toString());
        if (pointer == null) {
            return FAILED;
        }
        try {
            return call.applyAsInt(pointer);
        } finally {
            LibvirtNative.INSTANCE.virDomainFree(pointer);
        }
    }
}
