package io.trustedlaunch.agent.incarnation;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.SteadyClock;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.incarnation.migration.MigrationExecutor;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.plan.StartActions;
import io.trustedlaunch.agent.incarnation.plan.StopActions;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.report.StatusWriter;
import io.trustedlaunch.agent.incarnation.state.ExpectedTpms;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.incarnation.state.LeftoverWorkingCopy;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.incarnation.state.Tpms;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoints;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Wires an {@link IncarnationPass} from the parts of the agent.
 *
 * @param images the sources of OS disks at first starts
 * @param migrations between this host and others
 * @param handoff the one that {@code migrations} calls when a guest has left
 * @param shutdown present while the host is to shut down
 * @param leader holder identity in the operator's Lease, as it was seen last
 * @param gate before VMs' folders
 * @param bootID of the host
 * @param nanoTime a clock that does not jump
 * @param emulation whether VMs may run without KVM
 */
@RecordBuilder
public record IncarnationWiring(
        String nodeName,
        Hypervisor hypervisor,
        Tpms tpms,
        EnvelopeOpener<EnvelopeAddress, EnvelopeContent> envelopes,
        LocationCheck locations,
        Images images,
        Disks disks,
        SeedDisc seeds,
        ConsoleLogs consoleLogs,
        Homes homes,
        GuestStateKeeper keeper,
        VmRecordStore records,
        Migrations migrations,
        MigrationHandoff handoff,
        ShutdownRequest shutdown,
        Ownership.Reader owners,
        FolderGate gate,
        String bootID,
        LongSupplier nanoTime,
        Supplier<String> leader,
        IncarnationLookup incarnations,
        StatusWriter writer,
        boolean emulation,
        Failpoints failpoints,
        InstantSource clock,
        SecureRandom random) {

    public IncarnationPass pass() {
        Secrets secrets = new Secrets(envelopes, nodeName);
        WorkingCopies copies = new WorkingCopies(hypervisor, tpms, secrets);
        GuestStates states = new GuestStates(copies, homes, records, keeper, secrets, random, failpoints);
        StatusReporter reporter = new StatusReporter(
                writer, vm -> records.lookUp(UUID.fromString(vm.uid())).found());
        SteadyClock steady = new SteadyClock(nanoTime);
        FolderAccess folders = new FolderAccess(gate);
        StopActions stop = new StopExecutor(
                hypervisor,
                states,
                owners,
                seeds,
                disks,
                consoleLogs,
                records,
                migrations,
                folders,
                reporter,
                failpoints);
        IncarnationGatherer gatherer = new IncarnationGatherer(
                hypervisor,
                records,
                locations,
                homes,
                disks,
                new LeftoverWorkingCopy(copies, homes, secrets),
                migrations,
                shutdown,
                bootID,
                clock,
                steady);
        IncarnationExecutor executor = new IncarnationExecutor(
                start(secrets, copies, states, folders, reporter),
                stop,
                new MigrationExecutor(
                        hypervisor,
                        new GuestDomains(hypervisor),
                        gate,
                        migrations,
                        handoff,
                        states,
                        disks,
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
                new AbandonedArrivals(hypervisor, states, disks, gate, records, migrations, incarnations),
                new ForgottenGuests(hypervisor, records, incarnations, owners, nodeName),
                steady);
    }

    private StartActions start(
            Secrets secrets, WorkingCopies copies, GuestStates states, FolderAccess folders, StatusReporter reporter) {
        HostRequirements requirements = new HostRequirements(locations, hypervisor, emulation);
        IncarnationDisks incarnationDisks = new IncarnationDisks(disks, images, records, failpoints);
        EkCheck ekCheck = new EkCheck(records);
        CopyPreparation copy = new CopyPreparation(copies, states, ekCheck, records, failpoints);
        GuestDomains domains = new GuestDomains(hypervisor);
        OpenedDisks opened = new OpenedDisks(nanoTime);
        ExpectedTpms expectedTpms = new ExpectedTpms(copies, states);
        return new StartExecutor(
                new Preparation(
                        requirements,
                        secrets,
                        incarnationDisks,
                        copy,
                        seeds,
                        consoleLogs,
                        domains,
                        folders,
                        opened,
                        failpoints),
                new ArrivalPreparation(
                        requirements,
                        secrets,
                        incarnationDisks,
                        consoleLogs,
                        copies,
                        ekCheck,
                        records,
                        hypervisor,
                        folders,
                        failpoints),
                new GuestResumption(
                        domains,
                        folders,
                        opened,
                        copies,
                        ekCheck,
                        states,
                        records,
                        reporter,
                        leader,
                        failpoints,
                        clock),
                new ArrivedGuests(
                        domains, ekCheck, expectedTpms, states, incarnationDisks, records, folders, failpoints),
                new GuestWatch(copies, states, hypervisor, consoleLogs, reporter, failpoints),
                states,
                owners,
                records,
                failpoints);
    }
}
