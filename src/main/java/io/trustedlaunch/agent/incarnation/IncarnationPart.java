package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.guestinfo.GuestInfoCache;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.migration.MigrationExecutor;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.plan.StartActions;
import io.trustedlaunch.agent.incarnation.plan.StopActions;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.ArrivalTpms;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.LeftoverWorkingCopy;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.SteadyClock;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Assembles what starts, watches and stops guests.
 *
 * @param guestInfos asks the guests
 * @param migrations between this host and others
 * @param handoff the one that {@code migrations} calls when a guest has left
 * @param gate before VMs' folders
 * @param hook what others have to say of a VM
 * @param steps gets the name of each step that was carried out, and what it took
 */
@RecordBuilder
public record IncarnationPart(
        ThisHost host,
        Hypervisor hypervisor,
        GuestInfoCache guestInfos,
        VmRecordStore records,
        GuestFiles files,
        StateTools state,
        ApiAccess api,
        Migrations migrations,
        MigrationHandoff handoff,
        FolderGate gate,
        IncarnationHook hook,
        BiConsumer<String, Duration> steps,
        Environment environment) {
    public IncarnationReconciler reconciler(KubernetesClient client, String namespace) {
        return new IncarnationReconciler(client, namespace, host.nodeName(), hypervisor, records, hook, pass());
    }

    /** One pass after the other over the incarnations of one host. */
    public IncarnationPass pass() {
        Failpoints failpoints = environment.failpoints();
        Secrets secrets = state.secrets();
        WorkingCopies copies = new WorkingCopies(hypervisor, state.tpms(), secrets);
        GuestStates states = new GuestStates(
                copies, state.homes(), records, state.keeper(), secrets, environment.random(), failpoints);
        StatusReporter reporter = new StatusReporter(
                api.writer(), vm -> records.lookUp(UUID.fromString(vm.uid())).found());
        FolderAccess folders = new FolderAccess(gate);
        SteadyClock steady = new SteadyClock(host.nanoTime());
        StopActions stop = new StopExecutor(
                hypervisor,
                states,
                api.owners(),
                files.seeds(),
                files.disks(),
                files.consoleLogs(),
                records,
                migrations,
                folders,
                reporter,
                failpoints);
        IncarnationGatherer gatherer = new IncarnationGatherer(
                hypervisor,
                records,
                files.locations(),
                state.homes(),
                files.disks(),
                hook,
                new LeftoverWorkingCopy(copies, state.homes(), secrets),
                migrations,
                host.shutdown(),
                host.bootID(),
                environment.clock(),
                steady);
        IncarnationExecutor executor = new IncarnationExecutor(
                start(copies, states, folders, reporter),
                stop,
                new MigrationExecutor(
                        hypervisor,
                        new GuestDomains(hypervisor),
                        gate,
                        migrations,
                        handoff,
                        states,
                        files.disks(),
                        records,
                        stop,
                        reporter,
                        failpoints),
                reporter,
                failpoints);
        return new IncarnationPass(
                gatherer,
                states,
                executor,
                reporter,
                new AbandonedArrivals(hypervisor, states, files.disks(), gate, records, migrations, api.incarnations()),
                new ForgottenGuests(hypervisor, records, api.incarnations(), api.owners(), host.nodeName()),
                steps,
                steady);
    }

    private StartActions start(
            WorkingCopies copies, GuestStates states, FolderAccess folders, StatusReporter reporter) {
        Failpoints failpoints = environment.failpoints();
        Secrets secrets = state.secrets();
        ConsoleLogs consoleLogs = files.consoleLogs();
        DiscChanger discs = new DiscChanger(hypervisor, files.discs());
        HostRequirements requirements = new HostRequirements(files.locations(), hypervisor, host.emulation());
        IncarnationDisks incarnationDisks = new IncarnationDisks(files.disks(), files.images(), records, failpoints);
        EkCheck ekCheck = new EkCheck(records);
        WorkingCopyPreparation copy = new WorkingCopyPreparation(copies, states, ekCheck, records, failpoints);
        EkReadings readings = new EkReadings(copies, state.prober());
        GuestDomains domains = new GuestDomains(hypervisor);
        OpenedDisks opened = new OpenedDisks(host.nanoTime());
        ArrivalTpms arrivalTpms = new ArrivalTpms(copies, states);
        return new StartExecutor(
                new Preparation(
                        requirements,
                        secrets,
                        incarnationDisks,
                        copy,
                        readings,
                        files.seeds(),
                        consoleLogs,
                        discs,
                        domains,
                        folders,
                        hook,
                        opened,
                        failpoints),
                new ArrivalPreparation(
                        requirements,
                        secrets,
                        incarnationDisks,
                        consoleLogs,
                        discs,
                        copies,
                        ekCheck,
                        records,
                        hypervisor,
                        folders,
                        failpoints),
                new GuestResumption(
                        domains,
                        folders,
                        hook,
                        opened,
                        readings,
                        ekCheck,
                        states,
                        records,
                        reporter,
                        api.leader(),
                        failpoints,
                        environment.clock()),
                new ArrivalResumption(
                        domains, ekCheck, arrivalTpms, states, incarnationDisks, records, folders, failpoints),
                new GuestWatch(
                        copies,
                        states,
                        hypervisor,
                        guestInfos,
                        consoleLogs,
                        hook,
                        new DeviceChanger(
                                hypervisor,
                                folders,
                                incarnationDisks,
                                states,
                                files.seeds(),
                                consoleLogs,
                                discs,
                                failpoints),
                        reporter,
                        failpoints),
                states,
                api.owners(),
                records,
                failpoints);
    }
}
