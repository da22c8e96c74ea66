package io.trustedlaunch.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.disks.ImportedImage;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.imagesource.WantedImage;
import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.PathFacts;
import io.trustedlaunch.agent.location.PathFactsBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.faultydisk.VolatileDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

/** A host: its disk is a folder; its power, its hypervisor and its agent come and go. */
final class Host {
    private static final String IMAGE = ".images/of-all-first-starts";

    private final String name;
    private final Path root;
    private final Path vms;
    private final HypervisorAccount account;
    private final FakeHypervisor hypervisor;
    private final FakeTpms tpms;
    private final VolatileDisk files;
    private Certified identity;
    private Envelopes envelopes;
    private final Function<Host, AgentProcess> agents;
    private Optional<AgentProcess> agent = Optional.empty();
    private boolean on = true;
    private boolean frozen;
    private Reach reach = Reach.ALL;
    private boolean lacksImage;
    private boolean probeHangs;
    private OptionalLong lastBeaconNanos = OptionalLong.empty();
    private final Set<String> missedBeacons = new TreeSet<>();

    /** What its programs and its guests reach of the rest. */
    enum Reach {
        ALL,
        STORAGE,
        NOTHING
    }

    /**
     * @param vms the folder of its storage location
     * @param agents starts a process
     */
    Host(String name, Path root, Path vms, TpmKeys keys, Function<Host, AgentProcess> agents) throws IOException {
        this.name = name;
        this.root = root;
        this.vms = vms;
        this.agents = agents;
        Files.createDirectories(runFolder());
        Files.createDirectories(disk());
        account = Accounts.ownerOf(root);
        account.makePassage(vms);
        Path image = vms.resolve(IMAGE);
        Files.createDirectories(image.getParent());
        Files.write(image, GuestImages.bytes());
        hypervisor = new FakeHypervisor(root.resolve("disk"));
        tpms = new FakeTpms(keys);
        files = new VolatileDisk(List.of(disk(), vms), Files.createDirectory(root.resolve("unsynced")));
        identity = Certified.node(name);
        envelopes = new Envelopes(identity.pair());
    }

    String name() {
        return name;
    }

    /** As its firmware names it. */
    String machineUUID() {
        return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
    }

    Path vms() {
        return vms;
    }

    Path disk() {
        return root.resolve("disk");
    }

    /** What is done to a file or folder by this path and is not synced is lost with the host's power. */
    Path throughCache(Path path) {
        return files.view(path);
    }

    Path runFolder() {
        return root.resolve("run");
    }

    HypervisorAccount account() {
        return account;
    }

    FakeHypervisor hypervisor() {
        return hypervisor;
    }

    FakeTpms tpms() {
        return tpms;
    }

    Envelopes envelopes() {
        return envelopes;
    }

    String sealingCertificate() {
        return identity.certificate();
    }

    /** The file with its key is lost, and its agent makes another one. */
    void replaceKey() {
        killAgent();
        identity = Certified.make(name);
        envelopes = new Envelopes(identity.pair());
    }

    VmRecordStore records() {
        return new VmRecordStore(throughCache(disk().resolve("records")));
    }

    LocationCheck locationCheck() {
        return new LocationCheck(this::restricted, account, root.resolve("own"));
    }

    private PathFacts restricted(Path path) {
        return PathFactsBuilder.builder()
                .path(path)
                .kind(PathFacts.Kind.FOLDER)
                .owner(account.administrator().getName())
                .group(path.equals(vms) ? account.group().getName() : "root")
                .mode(path.equals(vms) ? 0710 : 0755)
                .accessList(false)
                .build();
    }

    Images.Result image(VMIncarnationSpec.Machine machine) {
        return lacksImage
                ? new Images.Result.Awaited(Optional.of(new Problem(Reason.StartFailed, "the image cannot be read")))
                : new Images.Result.Found(new ImportedImage(
                        vms, IMAGE, new WantedImage(GuestImages.NAME, GuestImages.DIGEST, OptionalLong.empty())));
    }

    /** First starts are hindered here, or not any more. */
    void lackImage(boolean lacks) {
        lacksImage = lacks;
    }

    /** As this host sees it, where the path of the storage location leads to a folder of the test. */
    VMIncarnation localized(VMIncarnation incarnation) {
        VMIncarnationSpec spec = incarnation.getSpec();
        Location location = new Location(spec.machine().location().name(), vms.toString());
        VMIncarnation here = new VMIncarnation();
        here.setMetadata(incarnation.getMetadata());
        here.setStatus(incarnation.getStatus());
        here.setSpec(VMIncarnationSpecBuilder.builder(spec)
                .machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .location(location)
                        .build())
                .build());
        return here;
    }

    boolean isOn() {
        return on;
    }

    /** Empty while none runs. */
    Optional<AgentProcess> agent() {
        return agent;
    }

    /** Its guests and its programs run. */
    boolean runs() {
        return on && !frozen;
    }

    /** Its agent can do something. */
    boolean acts() {
        return runs() && reach != Reach.NOTHING;
    }

    Reach reach() {
        return reach;
    }

    void reach(Reach now) {
        reach = now;
        agent.ifPresent(AgentProcess::feelsLink);
    }

    /** It stands still, and does not know later that it did. */
    void freeze(boolean now) {
        frozen = now;
    }

    AgentProcess startAgent() {
        if (on && agent.isEmpty()) {
            agent = Optional.of(agents.apply(this));
        }
        return agent.orElseThrow();
    }

    void killAgent() {
        agent.ifPresent(AgentProcess::die);
        agent = Optional.empty();
    }

    /** Another one starts while this one runs. */
    void refuseSecondAgent() {
        assertThatThrownBy(() -> agents.apply(this)).hasRootCauseInstanceOf(HostFolders.InUseException.class);
    }

    /** Its disk keeps what was synced, and what the hypervisor and its guests wrote. */
    void powerOff() {
        on = false;
        frozen = false;
        probeHangs = false;
        missedBeacons.clear();
        killAgent();
        hypervisor.powerCut();
        files.losePower();
        clearMemory();
    }

    private void clearMemory() {
        try {
            FileTree.of(runFolder()).delete();
            Files.createDirectories(runFolder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void powerOn() {
        on = true;
    }

    /** The file server does not answer its agent's probe, which is all that hangs; or it does again. */
    void hangProbe(boolean hangs) {
        probeHangs = hangs;
    }

    /** Its agent's probe of the storage location gets on. */
    boolean probes() {
        return acts() && !probeHangs;
    }

    /** Its agent has written its beacon. */
    void wroteBeacon(long nanos) {
        lastBeaconNanos = OptionalLong.of(nanos);
    }

    /** When its agent wrote its beacon last, by the clock that all share. */
    OptionalLong lastBeaconNanos() {
        return lastBeaconNanos;
    }

    /** The next listing of the beacons in its storage location lacks that node's. */
    void missBeacon(String node) {
        missedBeacons.add(node);
    }

    Set<String> missedBeacons() {
        return Set.copyOf(missedBeacons);
    }

    void missNoBeacon() {
        missedBeacons.clear();
    }

    Snapshot snapshot(boolean ownsVms) {
        try {
            return ownsVms ? Snapshot.of(disk(), vms) : Snapshot.of(disk());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
