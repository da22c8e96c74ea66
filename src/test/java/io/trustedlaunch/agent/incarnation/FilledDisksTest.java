package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.fillserver.FillContent;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.UnfilledDisk;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.backup.DiskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A VM that ran, and whose disks a restore has made empty. */
class FilledDisksTest extends OneHost {
    private static final UUID FILL = UUID.fromString("0b9d8c1e-5b7f-4c39-9a55-1f2e3d4c5b6a");

    private final FakeDiskTool tool = new FakeDiskTool();
    private Path osDisk;
    private Path data;

    @BeforeEach
    void restore() {
        world.pass(incarnation);
        world.stop(incarnation);
        osDisk = world.folder().osDisk();
        data = world.folder().dataDisk(DiskIdentity.ofFirstStart("data"));
        tool.setBacking(osDisk, new FillBacking(FILL, DiskName.ROOT));
        tool.setBacking(data, new FillBacking(FILL, "data-data"));
    }

    private VMIncarnation second() {
        return next(2, FILL.toString());
    }

    /** @param fill may be null */
    private VMIncarnation next(long epoch, String fill) {
        return next(epoch, spec -> spec.diskFill(fill));
    }

    private VMIncarnation next(long epoch, UnaryOperator<VMIncarnationSpecBuilder> change) {
        VMIncarnation next = world.server.edit(world.incarnation(epoch), change);
        world.server.own(epoch, NODE);
        world.later(Duration.ofMinutes(1));
        return next;
    }

    private void serve() throws IOException {
        world.fillServers.serve(FILL, new FillContent(null, null, null, new byte[0], OptionalLong.empty()));
    }

    private VMIncarnation running() throws IOException {
        serve();
        VMIncarnation second = second();
        world.pass(second);
        world.assertRuns();
        return second;
    }

    @Test
    void theStartWaitsUntilTheBackupIsServed() throws IOException {
        VMIncarnation second = second();
        world.pass(second);
        assertThat(world.reason(second)).isEqualTo(Reason.DisksFilling);
        assertThat(world.guestsStarted()).isEqualTo(1);

        serve();
        world.later(Duration.ofMinutes(3));
        world.pass(second);

        world.assertRuns();
        assertThat(world.hypervisor.unfilled(VM)).extracting(UnfilledDisk::disk).containsExactly(osDisk, data);
    }

    /** QEMU may not have written down all of a disk that looks whole before. */
    @Test
    void aDiskGrowsAtTheFirstStartThatFindsItWhole() throws IOException {
        serve();
        UnaryOperator<VMIncarnationSpecBuilder> larger = GrowingDisksTest.disks(16, 64);
        VMIncarnation second = next(2, spec -> larger.apply(spec.diskFill(FILL.toString())));
        world.pass(second);
        world.assertRuns();
        List.of(osDisk, data).forEach(FakeDiskTool::clearBacking);
        GrowingDisksTest.assertSize(osDisk, 8);
        GrowingDisksTest.assertSize(data, 4);

        world.fillServers.end(FILL);
        world.stop(second);
        world.pass(next(3, larger));

        world.assertRuns();
        GrowingDisksTest.assertSize(osDisk, 16);
        GrowingDisksTest.assertSize(data, 64);
    }

    @Test
    void anIncarnationThatNamesNoFillOrAnotherIsRefused() throws IOException {
        serve();
        VMIncarnation none = next(2, (String) null);
        world.pass(none);
        assertThat(world.reason(none)).isEqualTo(Reason.DiskUnusable);

        VMIncarnation other = next(3, new UUID(0, 9).toString());
        world.pass(other);
        assertThat(world.reason(other)).isEqualTo(Reason.DiskUnusable);
        assertThat(world.guestsStarted()).isEqualTo(1);
    }

    @Test
    void aDiskThatNamesThePlaceOfAnotherDiskIsRefused() throws IOException {
        tool.setBacking(data, new FillBacking(FILL, DiskName.ROOT));
        serve();
        VMIncarnation second = second();
        world.pass(second);

        assertThat(world.reason(second)).isEqualTo(Reason.DiskUnusable);
        assertThat(world.guestsStarted()).isEqualTo(1);
    }

    /** QEMU ended before it had written down where the last of the content is. */
    @Test
    void aDiskWhoseHeaderLooksWholeNeedsItsBackupUntilTheFillIsOver() throws IOException {
        FakeDiskTool.clearBacking(osDisk);

        running();

        assertThat(ImageInspector.backingOfQcow2(osDisk)).contains(new FillBacking(FILL, DiskName.ROOT).toString());
        assertThat(world.hypervisor.unfilled(VM)).extracting(UnfilledDisk::disk).contains(osDisk);
    }

    @Test
    void aGuestThatStandsStillBecauseOfItsBackupGoesOnWhenThatCanBeRead() throws IOException {
        VMIncarnation second = running();
        world.fillServers.trouble = Optional.of(new Problem(Reason.BackupDamaged, "a pack is damaged"));
        world.hypervisor.pause(VM, DomainState.PauseReason.IO_ERROR);
        world.pass(second);
        world.later(Duration.ofMinutes(3));
        world.pass(second);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.fillServers.die(FILL);
        world.later(Duration.ofMinutes(3));
        world.pass(second);
        assertThat(state()).as("its server is gone").isInstanceOf(DomainState.Paused.class);

        world.fillServers.trouble = Optional.empty();
        serve();
        world.later(Duration.ofMinutes(3));
        world.pass(second);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    /** A share that does not answer would hold up the pass, which could then not end the guest. */
    @Test
    void theDisksOfAGuestThatRunsAreNotOpened() throws IOException {
        VMIncarnation second = running();
        FileTime never = FileTime.from(Instant.EPOCH);
        for (Path disk : List.of(osDisk, data)) {
            Files.setAttribute(disk, "lastAccessTime", never);
        }

        world.later(Duration.ofMinutes(1));
        world.pass(second);

        for (Path disk : List.of(osDisk, data)) {
            assertThat(Files.getAttribute(disk, "lastAccessTime")).isEqualTo(never);
        }
    }

    /** Its server is gone, and is not needed any more. */
    @Test
    void aFullDiskIsResumedAsEverOnceTheDisksAreWhole() throws IOException {
        VMIncarnation second = running();
        List.of(osDisk, data).forEach(FakeDiskTool::clearBacking);
        world.fillServers.end(FILL);
        world.hypervisor.pause(VM, DomainState.PauseReason.IO_ERROR);
        world.pass(second);
        world.later(Duration.ofMinutes(3));
        world.pass(second);

        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    private DomainState state() {
        return world.hypervisor.find(VM).orElseThrow().state();
    }
}
