package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.DomainPlaces;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainXml;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.GuestDevices;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.MigrationTarget;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.UnfilledDisk;
import io.trustedlaunch.agent.hypervisor.VariablesFile;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.agent.tpm.VtpmBlobs;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.GuestInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The hypervisor of this host, used through libvirt. */
public final class LibvirtHypervisor implements Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHypervisor.class);

    private static final int START_PAUSED = 1;

    /** One call for all of them is open at a time. */
    private static final UUID ALL_DOMAINS = new UUID(0, 0);

    /** QEMU's log is checked at this interval during a migration; it is short, because the guest is paused at its end. */
    private static final Duration LOG_INTERVAL = Duration.ofMillis(10);

    private final Path runFolder;
    private final WorkingCopyLayout layout;
    private final FirmwareCatalog firmware;
    private final HostInspector inspector;
    private final QemuLog log;
    private final LifecycleEvents events;
    private final LibvirtConnection libvirt;
    private final DomainProcesses processes;
    private final VtpmWatch vtpms;
    private final DomainMigration migration;
    private final LibvirtBackups backups;
    private final LibvirtDevices devices;
    private final LibvirtScreens screens;
    private final GuestInfoReader guestInfos;
    private final DeviceStates deviceStates;
    private final QemuCalls<Optional<MigrationProgress>> queries = new QemuCalls<>(DomainJobs.unmeasured());
    private final QemuCalls<Boolean> commands = new QemuCalls<>(false);
    private final QemuCalls<Optional<List<GuestStatistics>>> statistics = new QemuCalls<>(Optional.empty());

    /** Connects at the first call, so that libvirtd may be down now. */
    public LibvirtHypervisor(LibvirtSettings settings) {
        runFolder = settings.runFolder();
        layout = settings.layout();
        firmware = new FirmwareCatalog(settings.firmwareFolders());
        inspector = new HostInspector(settings, firmware);
        log = new QemuLog(settings.qemuLogs());
        events = new LifecycleEvents(settings.reconnectInterval());
        libvirt = new LibvirtConnection(settings, events::attach);
        processes = new DomainProcesses(settings.runFolder(), Path.of("/proc"), layout);
        vtpms = new VtpmWatch(processes::vtpm, events::notifyListeners);
        migration = new DomainMigration(settings);
        DomainCalls domains = new DomainCalls(libvirt, processes);
        backups = new LibvirtBackups(domains);
        devices = new LibvirtDevices(domains);
        guestInfos = new GuestInfoReader(domains);
        deviceStates = new DeviceStates(domains);
        screens = new LibvirtScreens(libvirt, vm -> migration(vm).isPresent());
        events.keepAttached(libvirt::connect, this::domains);
        vtpms.start();
    }

    @Override
    public HostFacts host() {
        return libvirt.call("describe the host", inspector::inspect);
    }

    @Override
    public List<DomainInfo> domains() {
        // libvirt makes the folder when it starts first after the host. QEMU outlives libvirt's daemon, but not the
        // host.
        if (Files.notExists(runFolder)) {
            return List.of();
        }
        return libvirt.call("list the domains", connection -> reader(connection).all());
    }

    @Override
    public List<GuestStatistics> statistics() {
        return statistics
                .call(ALL_DOMAINS, () -> Optional.of(statistics(DomainStatistics.ALL)))
                .orElseGet(() -> statistics(DomainStatistics.WITHOUT_QEMU));
    }

    private List<GuestStatistics> statistics(int kinds) {
        return libvirt.call("report statistics", connection -> connection.statistics(kinds, vtpms));
    }

    @Override
    public Optional<DomainInfo> find(UUID vm) {
        return libvirt.call(
                "look up the domain of VM " + vm,
                connection -> reader(connection).find(vm));
    }

    @Override
    public WorkingCopy workingCopy(UUID vm) {
        return layout.inspect(vm);
    }

    @Override
    public void prepareVariables(DomainSpec spec) {
        Path variables = layout.variables(spec.vm());
        if (WorkingCopyLayout.isWhole(variables)) {
            return;
        }
        if (Files.exists(layout.tpmFolder(spec.vm()))) {
            throw new HypervisorException(new HypervisorFailure.VariablesMissing(variables));
        }
        Path template = firmware.variablesTemplate(spec.secureBoot())
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.FirmwareMissing(
                        "no firmware with Secure Boot and enrolled keys is described in QEMU's firmware folders")));
        VariablesFile.copy(template, variables);
    }

    @Override
    public void placeVariables(UUID vm, byte[] variables) {
        libvirt.call("look up the domain of VM " + vm, connection -> {
            requireGone(connection, vm);
            return null;
        });
        VariablesFile.write(layout.variables(vm), variables);
    }

    @Override
    public void createPaused(DomainSpec spec, TpmSecret secret) {
        libvirt.call("create the domain of VM " + spec.vm(), connection -> {
            Optional<DomainInfo> there = reader(connection).find(spec.vm());
            if (there.isPresent()) {
                requireSameIncarnation(spec, there.get());
                return null;
            }
            new CardRequirements(connection).require(spec.nics());
            VtpmSecrets.put(connection, spec.vm(), secret);
            // Checked last, right before the start.
            layout.requireWhole(spec.vm());
            create(connection, spec);
            return null;
        });
    }

    private static void requireSameIncarnation(DomainSpec spec, DomainInfo there) {
        if (there.epoch() != spec.identity().epoch()) {
            throw new HypervisorException(new HypervisorFailure.OtherEpoch(spec.vm(), there.epoch()));
        }
    }

    private void create(OpenConnection connection, DomainSpec spec) throws LibvirtException {
        try {
            connection
                    .domainCreateXML(DomainXml.render(spec, layout.variables(spec.vm())), START_PAUSED)
                    .free();
        } catch (LibvirtException e) {
            if (LibvirtErrors.isConnectionLost(e)) {
                throw e;
            }
            throw new HypervisorException(new HypervisorFailure.StartFailed(LibvirtErrors.text(e)), e);
        }
    }

    @Override
    public void ensureSecret(UUID vm, TpmSecret secret) {
        libvirt.call("store the secret of VM " + vm, connection -> {
            VtpmSecrets.put(connection, vm, secret);
            return null;
        });
    }

    @Override
    public void resume(UUID vm) {
        libvirt.call("resume VM " + vm, connection -> {
            DomainInfo there = reader(connection)
                    .find(vm)
                    .orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
            if (there.state() instanceof DomainState.Paused) {
                Domain domain = connection.domainLookupByUUIDString(vm.toString());
                domain.resume();
                domain.free();
            }
            return null;
        });
    }

    @Override
    public void migrate(UUID vm, MigrationTarget target, MigrationOptions options) {
        FutureTask<Void> task = new FutureTask<>(() -> migration.run(vm, target, options), null);
        Thread.ofPlatform().daemon().name("migrate-" + vm).start(task);
        long logged = log.length(vm);
        while (!isOver(task)) {
            // libvirt takes time to end QEMU, and does not respond to queries about the domain meanwhile.
            if (log.length(vm) != logged && log.lastStop(vm) == StopReason.MIGRATED) {
                return;
            }
        }
    }

    private static boolean isOver(FutureTask<Void> task) {
        try {
            task.get(LOG_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(new HypervisorFailure.Unavailable("interrupted"), e);
        }
    }

    @Override
    public Optional<MigrationProgress> migration(UUID vm) {
        return queries.call(
                vm,
                () -> libvirt.call(
                        "report the progress of the migration of VM " + vm,
                        connection -> new DomainJobs(connection).of(vm)));
    }

    @Override
    public void allowPause(UUID vm, Duration pause) {
        command(vm, "allow VM " + vm + " a longer pause", connection -> {
            new DomainJobs(connection).allowPause(vm, pause);
            return true;
        });
    }

    @Override
    public void abortMigration(UUID vm) {
        command(vm, "cancel the migration of VM " + vm, connection -> {
            new DomainJobs(connection).abort(vm);
            return true;
        });
    }

    @Override
    public void severMigration(UUID vm, String address) {
        MigrationSockets.end(address);
    }

    @Override
    public void completeVariables(UUID vm, byte[] variables) {
        boolean paused = find(vm).filter(there -> there.state() instanceof DomainState.Paused)
                .isPresent();
        if (!paused) {
            throw new HypervisorException(new HypervisorFailure.DomainMissing(vm));
        }
        VariablesFile.complete(layout.variables(vm), variables);
    }

    @Override
    public void requestShutdown(UUID vm) {
        command(
                vm,
                "press the power button of VM " + vm,
                connection -> reader(connection).find(vm).isPresent() && connection.pressPowerButton(vm));
    }

    private void command(UUID vm, String action, LibvirtConnection.Call<Boolean> call) {
        if (!commands.call(vm, () -> libvirt.call(action, call))) {
            LOG.debug("QEMU did not {}, or has not answered yet", action);
        }
    }

    @Override
    public void destroy(UUID vm) {
        libvirt.call("power off VM " + vm, connection -> {
            if (reader(connection).find(vm).isEmpty()) {
                return null;
            }
            try {
                Domain domain = connection.domainLookupByUUIDString(vm.toString());
                domain.destroy();
                domain.free();
            } catch (LibvirtException e) {
                if (!LibvirtErrors.isNoDomain(e)) {
                    throw e;
                }
            }
            return null;
        });
    }

    @Override
    public StopReason lastStop(UUID vm) {
        return log.lastStop(vm);
    }

    @Override
    public GuestConsole openConsole(UUID vm, long epoch) {
        return libvirt.call("open the console of VM " + vm, connection -> {
            requireIncarnation(connection, vm, epoch);
            return connection.openConsole(vm);
        });
    }

    private void requireIncarnation(OpenConnection connection, UUID vm, long epoch) throws LibvirtException {
        DomainInfo there = reader(connection)
                .find(vm)
                .orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
        if (there.epoch() != epoch) {
            throw new HypervisorException(new HypervisorFailure.OtherEpoch(vm, there.epoch()));
        }
    }

    @Override
    public GuestConsole openScreen(UUID vm, long epoch) {
        libvirt.call("open the screen of VM " + vm, connection -> {
            requireIncarnation(connection, vm, epoch);
            return null;
        });
        return screens.open(vm);
    }

    @Override
    public GuestBackups backups() {
        return backups;
    }

    @Override
    public GuestDevices devices() {
        return devices;
    }

    @Override
    public void pull(UUID vm, Path disk) {
        libvirt.call("fill disk " + disk, connection -> {
            new DomainPulls(connection).begin(vm, disk);
            return null;
        });
    }

    @Override
    public List<UnfilledDisk> unfilled(UUID vm) {
        return libvirt.call("report the disks of VM " + vm, connection -> new DomainPulls(connection).unfilled(vm));
    }

    @Override
    public List<DevicePlace> places(UUID vm, Machine machine) {
        return ofDomain(
                vm,
                "report the devices of VM " + vm,
                (connection, domain) -> DomainPlaces.read(domain.getXMLDesc(0), machine));
    }

    @Override
    public Optional<NestedVirtualization> nested(UUID vm) {
        return ofDomain(
                        vm,
                        "report the processors of VM " + vm,
                        (connection, domain) ->
                                List.of(DomainDevices.of(domain).acceleration().nested()))
                .stream()
                .findFirst();
    }

    @Override
    public List<IpAddress> addresses(UUID vm) {
        return ofDomain(
                vm,
                "report the addresses of VM " + vm,
                (connection, domain) -> GuestAddresses.of(connection, vm, domain));
    }

    private interface Listing<T> {
        List<T> of(OpenConnection connection, Domain domain) throws LibvirtException;
    }

    /** Empty without a domain. */
    private <T> List<T> ofDomain(UUID vm, String action, Listing<T> listing) {
        return libvirt.call(action, connection -> {
            try {
                Domain domain = connection.domainLookupByUUIDString(vm.toString());
                try {
                    return listing.of(connection, domain);
                } finally {
                    domain.free();
                }
            } catch (LibvirtException e) {
                if (LibvirtErrors.isNoDomain(e)) {
                    return List.of();
                }
                throw e;
            }
        });
    }

    @Override
    public Optional<GuestInfo> guestInfo(UUID vm) {
        return guestInfos.read(vm);
    }

    @Override
    public VtpmBlobs vtpmBlobs(UUID vm) {
        return deviceStates.vtpm(vm);
    }

    @Override
    public Subscription onLifecycle(Consumer<UUID> listener) {
        return events.subscribe(listener);
    }

    @Override
    public Subscription onReach(Runnable listener) {
        return events.subscribeToReach(listener);
    }

    @Override
    public void eraseState(UUID vm) {
        libvirt.call("remove the secret of VM " + vm, connection -> {
            requireGone(connection, vm);
            VtpmSecrets.remove(connection, vm);
            return null;
        });
        layout.erase(vm);
    }

    @Override
    public void setStateAside(UUID vm) {
        libvirt.call("look up the domain of VM " + vm, connection -> {
            requireGone(connection, vm);
            return null;
        });
        layout.setAside(vm);
    }

    private DomainInfoReader reader(OpenConnection connection) {
        return new DomainInfoReader(connection, vtpms, processes);
    }

    private void requireGone(OpenConnection connection, UUID vm) throws LibvirtException {
        if (reader(connection).find(vm).isPresent()) {
            throw new HypervisorException(new HypervisorFailure.StillThere(vm));
        }
    }

    @Override
    public void close() {
        vtpms.close();
        events.close();
        libvirt.close();
    }
}
