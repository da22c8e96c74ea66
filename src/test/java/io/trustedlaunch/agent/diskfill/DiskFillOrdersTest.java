package io.trustedlaunch.agent.diskfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.NbdBacking;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.fillserver.FakeFillServers;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.UnfilledDisk;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillSpec;
import io.trustedlaunch.api.restore.DiskFillSpecBuilder;
import io.trustedlaunch.api.restore.DiskFillStatus;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFillOrdersTest {
    private static final UUID FILL = UUID.fromString("0b9d8c1e-5b7f-4c39-9a55-1f2e3d4c5b6a");
    private static final TpmSecret SECRET = TpmSecret.of(
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".getBytes(StandardCharsets.US_ASCII));
    private static final int BYTES = 1 << 20;

    @TempDir
    private Path root;

    private final BackupFixture backups = new BackupFixture(1);
    private final List<DiskFill> fills = new ArrayList<>();
    private Optional<Problem> location = Optional.empty();
    private FakeHypervisor hypervisor;
    private FakeFillServers servers;
    private VmFolder folder;
    private OrderPass<DiskFill, DiskFillStatus> agent;

    @BeforeEach
    void makeTheDisks() throws IOException {
        hypervisor = new FakeHypervisor(root);
        servers = new FakeFillServers(root.resolve("fill"));
        folder = new VmFolder(root, Specs.VM);
        Files.createDirectories(folder.path());
        makeUnfilled(folder.osDisk(), "root");
        makeUnfilled(folder.dataDisk(DiskIdentity.ofFirstStart("data")), "data-data");
        fills.add(fill("c2VhbGVk"));
        startAgent();
    }

    private static void makeUnfilled(Path disk, String name) throws IOException {
        Files.createFile(disk);
        new FakeDiskTool().create(disk, BYTES);
        new FakeDiskTool().setBacking(disk, new FillBacking(FILL, name));
    }

    private DiskFill fill(String envelope) {
        DiskFillSpec spec = DiskFillSpecBuilder.builder()
                .nodeName("host-a")
                .vmRef(new VMIncarnationSpec.VmRef("finance", "payroll", Specs.VM.toString(), null))
                .storageLocation(new VMIncarnationSpec.Location("default", root.toString()))
                .backup(new RecordedBackup("nightly", new UUID(0, 6).toString(), "0".repeat(64)))
                .backupOf(BackupFixture.VM.toString())
                .location(new BackupRunSpec.Location("nas", new UUID(0, 5).toString(), "/backups"))
                .envelope(envelope)
                .build();
        DiskFill fill = new DiskFill();
        fill.setMetadata(new ObjectMetaBuilder()
                .withName(FILL.toString())
                .withUid("uid-of-the-fill")
                .withResourceVersion(UUID.randomUUID().toString())
                .withCreationTimestamp("2026-03-01T12:00:00Z")
                .build());
        fill.setSpec(spec);
        return fill;
    }

    /** Also in place of one that has died. */
    private void startAgent() {
        agent = DiskFillPartBuilder.builder()
                .nodeName("host-a")
                .hypervisor(hypervisor)
                .pause(new GuestPause(hypervisor))
                .locations(path -> location)
                .envelopes((envelope, expected) -> {
                    assertThat(expected)
                            .isEqualTo(new RestoreEnvelope.Address(FILL.toString(), BackupFixture.VM, "host-a"));
                    return new RestoreEnvelope.Content(BackupKeys.of(backups.key, expected.vm()), new byte[0]);
                })
                .servers(servers)
                .left(Set::of)
                .clock(Instant::now)
                .build()
                .pass(this::write);
    }

    private DiskFill write(DiskFill fill, DiskFillStatus status) {
        DiskFill stored = new DiskFill();
        stored.setMetadata(new ObjectMetaBuilder(fill.getMetadata())
                .withResourceVersion(UUID.randomUUID().toString())
                .build());
        stored.setSpec(fill.getSpec());
        stored.setStatus(status);
        fills.replaceAll(any -> stored);
        return stored;
    }

    private Optional<Duration> pass() {
        return agent.run(FILL, () -> Optional.of(List.copyOf(fills)));
    }

    private DiskFillStatus status() {
        return fills.getFirst().getStatus();
    }

    private void startGuest() {
        NbdBacking backing = new NbdBacking(servers.socket(FILL), "root");
        DomainSpec whole = Specs.small(Specs.VM, 2, folder.path());
        DomainSpec spec = DomainSpecBuilder.builder(whole)
                .osDisk(whole.osDisk().filledFrom(backing))
                .build();
        hypervisor.prepareVariables(spec);
        hypervisor.putTpm(Specs.VM, "tpm");
        hypervisor.createPaused(spec, SECRET);
        hypervisor.resume(Specs.VM);
        FakeDiskTool.clearBacking(folder.dataDisk(DiskIdentity.ofFirstStart("data")));
    }

    private void fillAll() {
        hypervisor.finishFill(folder.osDisk());
        FakeDiskTool.clearBacking(folder.osDisk());
    }

    @Test
    void theBackupIsServedBeforeTheGuestRuns() {
        assertThat(pass()).isPresent();

        assertThat(servers.isServing(FILL)).isTrue();
        assertThat(status()).isEqualTo(new DiskFillStatus(RunPhase.Running, null, null, 0, null));
    }

    @Test
    void theGuestsDisksAreFilledAndTheServerEnds() {
        pass();
        startGuest();
        pass();
        assertThat(hypervisor.unfilled(Specs.VM)).allMatch(disk -> disk.pull().isPresent());

        hypervisor.fill(folder.osDisk(), BYTES / 2, BYTES);
        assertThat(pass()).isPresent();
        assertThat(status().progressPercent()).as("one of two is whole").isEqualTo(75);
        assertThat(servers.isServing(FILL)).isTrue();

        fillAll();
        pass();
        assertThat(status().phase()).isEqualTo(RunPhase.Completed);
        assertThat(status().epoch())
                .isEqualTo(hypervisor.find(Specs.VM).orElseThrow().epoch());
        assertThat(status().progressPercent()).isEqualTo(100);
        assertThat(servers.isServing(FILL)).isFalse();
        assertThat(hypervisor.find(Specs.VM).orElseThrow().state()).isInstanceOf(DomainState.Running.class);
    }

    /** What QEMU had in its memory is lost with it, and its guest's disks look whole. */
    @Test
    void disksThatLookWholeAreNotWithoutAGuestThatRuns() {
        pass();
        startGuest();
        pass();
        fillAll();
        hypervisor.crash(Specs.VM);
        pass();
        assertThat(status().phase()).isEqualTo(RunPhase.Running);
        assertThat(servers.isServing(FILL)).isTrue();
    }

    @Test
    void aGuestThatIsPausedHasNotWrittenDownWhatWasFilled() {
        pass();
        startGuest();
        pass();
        fillAll();
        hypervisor.pause(Specs.VM, DomainState.PauseReason.REQUESTED);
        pass();

        assertThat(status().phase()).isEqualTo(RunPhase.Running);
        assertThat(hypervisor.find(Specs.VM).orElseThrow().state()).isInstanceOf(DomainState.Paused.class);
    }

    /** The agent ends, or libvirt fails, while the guest is paused so that QEMU writes down what was filled. */
    @Test
    void aGuestThatWasLeftPausedGoesOn() {
        leavePaused();
        startAgent();
        pass();

        assertThat(hypervisor.find(Specs.VM).orElseThrow().state()).isInstanceOf(DomainState.Running.class);
        assertThat(status().phase()).isEqualTo(RunPhase.Completed);
    }

    @Test
    void aGuestThatWasLeftPausedGoesOnAlsoIfItsFillIsGone() {
        leavePaused();
        fills.clear();
        startAgent();
        pass();

        assertThat(hypervisor.find(Specs.VM).orElseThrow().state()).isInstanceOf(DomainState.Running.class);
        assertThat(servers.isServing(FILL)).isFalse();
    }

    private void leavePaused() {
        pass();
        startGuest();
        pass();
        fillAll();
        hypervisor.fail(Operation.RESUME, new HypervisorFailure.OperationFailed("it failed"));
        pass();
        assertThat(hypervisor.find(Specs.VM).orElseThrow().state()).isInstanceOf(DomainState.Paused.class);
        hypervisor.heal();
    }

    @Test
    void aHeaderThatNamesItsBackupIsNotWholeWhateverQemuSays() {
        pass();
        startGuest();
        pass();
        hypervisor.finishFill(folder.osDisk());
        pass();

        assertThat(status().phase()).isEqualTo(RunPhase.Running);
    }

    @Test
    void aFolderThatIsNotThereIsNotWhole() {
        pass();
        startGuest();
        pass();
        fillAll();
        location = Optional.of(new Problem(Reason.LocationMissing, "not mounted"));
        pass();

        assertThat(status().phase()).isEqualTo(RunPhase.Running);
        assertThat(status().reason()).isEqualTo(Reason.LocationMissing.name());
        assertThat(servers.isServing(FILL)).isTrue();
    }

    @Test
    void whatTheServerCannotReadIsReportedAndNothingIsPulledMeanwhile() {
        pass();
        startGuest();
        servers.trouble = Optional.of(new Problem(Reason.BackupDamaged, "pack 3 is altered"));
        pass();
        assertThat(status().reason()).isEqualTo(Reason.BackupDamaged.name());
        assertThat(status().message()).isEqualTo("pack 3 is altered");
        assertThat(hypervisor.calls()).doesNotContain(new Call(Operation.PULL, Specs.VM));

        servers.trouble = Optional.empty();
        pass();
        assertThat(status().reason()).isNull();
        assertThat(hypervisor.unfilled(Specs.VM)).extracting(UnfilledDisk::pull).allMatch(Optional::isPresent);
    }

    @Test
    void aServerThatCannotStartIsTriedAgain() {
        servers.failure = Optional.of(new IOException("no room in /run"));
        assertThat(pass()).isPresent();
        assertThat(status().phase()).isEqualTo(RunPhase.Running);
        assertThat(status().message()).contains("no room in /run");

        servers.failure = Optional.empty();
        pass();
        assertThat(servers.isServing(FILL)).isTrue();
    }

    @Test
    void aServerThatHasDiedIsStartedAnew() {
        pass();
        servers.die(FILL);
        pass();

        assertThat(servers.isServing(FILL)).isTrue();
    }

    /** Signed URLs that expire. Otherwise the server is left alone. */
    @Test
    void theServerHasTheNewestEnvelope() {
        pass();
        pass();
        assertThat(servers.handedOver).hasSize(1);

        fills.set(0, fill("cmVuZXdlZA=="));
        pass();
        assertThat(servers.handedOver).hasSize(2);
    }

    @Test
    void anAgentThatComesBackTakesTheServerOver() {
        pass();
        startGuest();
        pass();
        startAgent();
        assertThat(pass()).isPresent();

        assertThat(servers.isServing(FILL)).isTrue();
        fillAll();
        pass();
        assertThat(status().phase()).isEqualTo(RunPhase.Completed);
    }

    @Test
    void theServerOfAFillThatIsGoneEnds() {
        pass();
        fills.clear();
        pass();

        assertThat(servers.isServing(FILL)).isFalse();
    }

    @Test
    void whileNothingIsKnownOfFillsNoServerEnds() {
        pass();
        agent.run(FILL, Optional::empty);

        assertThat(servers.isServing(FILL)).isTrue();
    }
}
