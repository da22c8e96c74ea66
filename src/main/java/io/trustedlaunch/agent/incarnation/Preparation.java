package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.imagecopy.Images.Result.Found;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.Host;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Everything up to a paused domain. Each part finds what an earlier try has done already. */
final class Preparation {
    private static final String OS_DISK = "os";

    private final Host host;
    private final Secrets secrets;
    private final GuestStates states;
    private final Failpoints failpoints;

    Preparation(Host host, Secrets secrets, GuestStates states, Failpoints failpoints) {
        this.host = host;
        this.secrets = secrets;
        this.states = states;
        this.failpoints = failpoints;
    }

    /** Returns what it waits for; empty: the domain is there. */
    Optional<Awaited> prepare(IncarnationFacts facts, StartSource source) {
        Machine machine = facts.spec().machine();
        EnvelopeContent content = secrets.open(facts);
        Path location = Path.of(machine.location().path());
        host.locations().require(location);
        HostFacts abilities = host.hypervisor().host();
        requireNetworks(machine, abilities);
        Acceleration acceleration = acceleration(abilities);
        VmFolder folder = new VmFolder(location, facts.vm());
        if (host.disks().hasOsDisk(folder) || !mayMake(facts, OS_DISK)) {
            makeDisks(facts, folder, Optional.empty());
        } else {
            switch (host.images().find(machine)) {
                case Found(VerifiedImage image) -> makeDisks(facts, folder, Optional.of(image));
                case Awaited awaited -> {
                    return Optional.of(awaited);
                }
            }
        }
        makeDomain(facts, source, content, acceleration);
        return Optional.empty();
    }

    private void makeDomain(
            IncarnationFacts facts, StartSource source, EnvelopeContent content, Acceleration acceleration) {
        Optional<Path> seed = host.seeds().make(facts.vm(), facts.spec().vmRef().name(), content.files());
        DomainSpec spec = DomainSpecs.of(facts.spec(), facts.vm(), seed, acceleration);
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            makeCopy(facts, source, spec, secret);
            host.hypervisor().createPaused(spec, secret);
        }
        failpoints.reached(Failpoint.AGENT_DOMAIN_CREATED);
    }

    /** Everything that a guest from another host finds here; the domain comes with it. */
    void receive(IncarnationFacts facts) {
        Machine machine = facts.spec().machine();
        EnvelopeContent content = secrets.open(facts);
        Path location = Path.of(machine.location().path());
        host.locations().require(location);
        HostFacts abilities = host.hypervisor().host();
        requireNetworks(machine, abilities);
        acceleration(abilities);
        VmFolder folder = new VmFolder(location, facts.vm());
        boolean copies = facts.spec().arrival().copiesDisks();
        if (copies) {
            requireOwnFolder(facts, folder);
        } else {
            requireDisks(machine, folder);
        }
        rememberArrival(facts, copies ? location.toString() : null);
        failpoints.reached(Failpoint.TARGET_ARRIVAL_REMEMBERED);
        if (copies) {
            makeBlankDisks(facts, folder);
            failpoints.reached(Failpoint.TARGET_DISKS_MADE);
        }
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            host.hypervisor().ensureSecret(facts.vm(), secret);
        }
    }

    /**
     * What is in a folder that this node did not make for this guest is somebody's: above all where the two nodes do have the
     * same folder, and nobody has proved it.
     */
    private void requireOwnFolder(IncarnationFacts facts, VmFolder folder) {
        boolean own = Optional.ofNullable(record(facts.vm()).move().arrival())
                .filter(arrival -> arrival.epoch() == facts.epoch() && arrival.copiedTo() != null)
                .isPresent();
        if (!own && Files.exists(folder.path(), LinkOption.NOFOLLOW_LINKS)) {
            throw new RefusedException(
                    Reason.FolderInTheWay,
                    "the VM's disks are to be copied to " + folder.path()
                            + ", which is there already: if both nodes have the"
                            + " same folder, it is found to be shared within minutes; if it is left over, it may be removed"
                            + " on this node");
        }
    }

    private void makeBlankDisks(IncarnationFacts facts, VmFolder folder) {
        host.disks().ensureCopyFolder(folder, facts.epoch());
        Machine machine = facts.spec().machine();
        host.disks().ensureBlank(folder.osDisk(), machine.osDiskBytes());
        for (Disk disk : Optional.ofNullable(machine.dataDisks()).orElse(List.of())) {
            host.disks().ensureBlank(folder.dataDisk(disk.name()), disk.bytes());
        }
    }

    private static void requireDisks(Machine machine, VmFolder folder) {
        Stream.concat(
                        Stream.of(folder.osDisk()),
                        Optional.ofNullable(machine.dataDisks()).orElse(List.of()).stream()
                                .map(disk -> folder.dataDisk(disk.name())))
                .filter(disk -> !Files.isRegularFile(disk, LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .ifPresent(disk -> {
                    throw new RefusedException(
                            Reason.DiskMissing, "the VM's disk " + disk + " is not to be seen on this node");
                });
    }

    /** What an earlier guest left was brought home before, or is no loss. */
    private void rememberArrival(IncarnationFacts facts, String copiedTo) {
        if (record(facts.vm()).state().copyEpoch() != facts.epoch()) {
            host.hypervisor().eraseState(facts.vm());
        }
        Arrival guest = new Arrival(facts.epoch(), facts.spec().arrival().nodeName(), false, copiedTo);
        host.memory()
                .change(
                        facts.vm(),
                        record -> record.awaited().isPresent()
                                ? record
                                : record.withState(record.state().withCopyOf(facts.epoch()))
                                        .withMove(record.move().expecting(guest)));
    }

    /** Whose the working copy is, is on record before it is there. */
    private void makeCopy(IncarnationFacts facts, StartSource source, DomainSpec spec, TpmSecret secret) {
        switch (source) {
            case StartSource.NewTpm newTpm -> {
                rememberCopy(facts);
                host.hypervisor().prepareVariables(spec);
                host.tpms().manufacture(host.hypervisor().workingCopy(facts.vm()), secret);
                failpoints.reached(Failpoint.AGENT_TPM_MADE);
            }
            case StartSource.TpmMadeHere madeHere -> rememberCopy(facts);
            case StartSource.FromHome(GuestStateVersion version) -> bringFromHome(facts, version);
        }
        host.memory().change(facts.vm(), VmRecord::withTpm);
    }

    private void bringFromHome(IncarnationFacts facts, GuestStateVersion version) {
        UUID vm = facts.vm();
        GuestState state = states.open(facts, version);
        requireKeyOnRecord(facts, version, state);
        host.hypervisor().eraseState(vm);
        rememberCopy(facts);
        host.hypervisor().placeVariables(vm, state.variables());
        host.tpms().place(host.hypervisor().workingCopy(vm), state.tpm());
        failpoints.reached(Failpoint.AGENT_COPY_WRITTEN);
    }

    private void requireKeyOnRecord(IncarnationFacts facts, GuestStateVersion version, GuestState state) {
        VmRecord record = host.memory().known(facts.vm());
        Stream.of(facts.spec().ekDigest(), record.ekDigest())
                .filter(expected -> expected != null && !expected.equals(state.ekDigest()))
                .findFirst()
                .ifPresent(expected -> {
                    throw new RefusedException(
                            Reason.EkMismatch,
                            "guest state " + version + " is of a TPM with endorsement key " + state.ekDigest()
                                    + ", on record is " + expected + ": bring back the one that belongs to this VM");
                });
        host.memory().change(facts.vm(), known -> known.withEk(state.ekDigest()));
    }

    private void rememberCopy(IncarnationFacts facts) {
        host.memory()
                .change(facts.vm(), record -> record.withState(record.state().withCopyOf(facts.epoch())));
    }

    private static void requireNetworks(Machine machine, HostFacts abilities) {
        Optional.ofNullable(machine.nics()).orElse(List.of()).stream()
                .filter(nic -> !abilities.networks().contains(nic.network()))
                .findFirst()
                .ifPresent(nic -> {
                    throw new RefusedException(
                            Reason.NetworkMissing,
                            "network " + nic.network() + " of " + nic.name()
                                    + " is not active on this node, which offers "
                                    + (abilities.networks().isEmpty()
                                            ? "none"
                                            : String.join(", ", abilities.networks())));
                });
    }

    private Acceleration acceleration(HostFacts abilities) {
        if (!abilities.kvm() && !host.emulation()) {
            throw new RefusedException(
                    Reason.EmulationNotAllowed,
                    "KVM does not work on this node, and its agent was not started with --allow-emulation");
        }
        return abilities.acceleration();
    }

    /** Only a VM that has never started gets disks, and each of them once. */
    private void makeDisks(IncarnationFacts facts, VmFolder folder, Optional<VerifiedImage> image) {
        Machine machine = facts.spec().machine();
        host.disks().ensureFolder(folder);
        host.disks().ensureOsDisk(folder, image, machine.osDiskBytes());
        rememberDisk(facts.vm(), OS_DISK);
        for (Disk disk : Optional.ofNullable(machine.dataDisks()).orElse(List.of())) {
            String name = "data-" + disk.name();
            host.disks().ensureDataDisk(folder, disk.name(), disk.bytes(), mayMake(facts, name));
            rememberDisk(facts.vm(), name);
        }
        failpoints.reached(Failpoint.AGENT_DISKS_MADE);
    }

    private boolean mayMake(IncarnationFacts facts, String disk) {
        return facts.spec().firstStart() && !record(facts.vm()).disksMade().contains(disk);
    }

    private void rememberDisk(UUID vm, String disk) {
        host.memory().change(vm, record -> record.disksMade().contains(disk) ? record : record.withDisk(disk));
    }

    private VmRecord record(UUID vm) {
        return host.memory().known(vm);
    }
}
