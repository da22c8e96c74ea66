package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.ImportedDiscs.named;
import static io.trustedlaunch.agent.incarnation.ImportedDiscs.uid;
import static io.trustedlaunch.testkit.Vms.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDevicesBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A guest with drives tools and more, whose discs are in the VM's storage location, or are not. */
class RunningDiscsTest extends OneHost {
    private static final UUID VM = UUID.fromString(UID);
    private static final HypervisorFailure LOCKED = new HypervisorFailure.OperationFailed("the tray is locked");

    @Test
    void aGuestStartsWithItsDiscs() throws IOException {
        Image tools = imported("tools");
        run(new DiscDrive("tools", tools), DiscDrive.empty("more"));

        assertThat(drives()).containsExactly(drive("tools", tools), new Drive("more", Optional.empty()));
        assertThat(world.status(incarnation).devices()).isNull();
        assertThat(world.status(incarnation).places())
                .extracting(DevicePlace::device)
                .contains("disc/tools", "disc/more");
    }

    /** QEMU's user may read it, and nobody else of the other images in the folder. */
    @Test
    void onlyTheDiscIsShownToTheHypervisor() throws IOException {
        Image tools = imported("tools");
        run(new DiscDrive("tools", tools));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file(tools))))
                .isEqualTo("rw-r-----");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(file(tools).getParent())))
                .isEqualTo("rwx--x---");
    }

    @Test
    void withoutItsDiscAGuestStartsAndGetsItLater() throws IOException {
        Image tools = named("tools");
        run(new DiscDrive("tools", tools));

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(drives()).containsExactly(new Drive("tools", Optional.empty()));
        world.pass(incarnation);
        assertThat(applied().revision()).isNull();
        assertThat(applied().reason()).isEqualTo(Reason.ImageImporting.name());
        assertThat(applied().message()).contains("disc tools is not inserted yet");

        imported("tools");
        world.pass(incarnation);
        assertThat(drives()).containsExactly(drive("tools", tools));
        assertThat(applied()).isEqualTo(new AppliedDevices(null, null, null));
    }

    @Test
    void aGuestThatRequiresItsDiscWaitsForIt() throws IOException {
        Image tools = named("tools");
        world.imageProblem = Optional.of(new Problem(Reason.ImageImporting, "half of it is there"));
        run(new DiscDrive("tools", tools, true));

        assertThat(world.hypervisor.find(VM)).isEmpty();
        assertThat(world.reason(incarnation)).isEqualTo(Reason.ImageImporting);

        imported("tools");
        world.pass(incarnation);
        world.pass(incarnation);
        assertThat(drives()).containsExactly(drive("tools", tools));
    }

    @Test
    void discsAreChangedAndEjectedWhileTheGuestRuns() throws IOException {
        Image tools = imported("tools");
        Image more = imported("more");
        run(new DiscDrive("tools", tools), DiscDrive.empty("more"));

        request(1, new DiscDrive("tools", more), new DiscDrive("more", tools));
        assertThat(drives()).containsExactly(drive("tools", more), drive("more", tools));
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));

        request(2, DiscDrive.empty("tools"), new DiscDrive("more", tools));
        assertThat(drives()).containsExactly(new Drive("tools", Optional.empty()), drive("more", tools));
        assertThat(applied()).isEqualTo(new AppliedDevices(2L, null, null));
    }

    /** The rest of the revision is applied, so that backups and migrations do not wait for a guest. */
    @Test
    void aDiscThatTheGuestHoldsStaysUntilItLetsGo() throws IOException {
        Image tools = imported("tools");
        run(new DiscDrive("tools", tools));
        world.hypervisor.fail(Operation.CHANGE_DISC, LOCKED);

        request(1, DiscDrive.empty("tools"));
        assertThat(drives()).containsExactly(drive("tools", tools));
        assertThat(applied().revision()).isEqualTo(1);
        assertThat(applied().reason()).isEqualTo(Reason.DiscChangeFailed.name());
        assertThat(applied().message()).contains("drive tools is not changed: ", "unmount it there");

        world.hypervisor.heal();
        world.pass(incarnation);
        assertThat(drives()).containsExactly(new Drive("tools", Optional.empty()));
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
    }

    @Test
    void aCopyThatWasAlteredIsNotInsertedAndIsImportedAgain() throws IOException {
        Image tools = imported("tools");
        Files.writeString(file(tools), "something else");
        run(new DiscDrive("tools", tools));

        world.pass(incarnation);
        assertThat(drives()).containsExactly(new Drive("tools", Optional.empty()));
        assertThat(file(tools)).doesNotExist();
        imported("tools");
        world.pass(incarnation);
        assertThat(drives()).containsExactly(drive("tools", tools));
    }

    /** The image was imported as a disk, for example. */
    @Test
    void whatIsNoDiscIsNotInserted() throws IOException {
        byte[] disk = new byte[64 << 10];
        Image tools = new Image("tools", uid("tools"), Sha256.of(disk));
        Files.write(file(tools), disk);
        run(new DiscDrive("tools", tools));

        world.pass(incarnation);
        assertThat(drives()).containsExactly(new Drive("tools", Optional.empty()));
        assertThat(applied().reason()).isEqualTo(Reason.ImageUnusable.name());
        assertThat(applied().message()).contains("neither an ISO 9660 nor a UDF disc");
    }

    private void run(DiscDrive... drives) {
        world.server.edit(
                incarnation,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(
                                incarnation.getSpec().machine())
                        .discs(List.of(drives))
                        .build()));
        world.pass(incarnation);
        world.pass(incarnation);
    }

    private void request(long revision, DiscDrive... drives) {
        Machine machine = incarnation.getSpec().machine();
        world.server.edit(
                incarnation,
                spec -> spec.devices(VMIncarnationSpecDevicesBuilder.builder(new Devices(
                                revision, machine.osDiskSize(), machine.dataDisks(), List.of(), machine.nics()))
                        .discs(List.of(drives))
                        .build()));
        world.pass(incarnation);
    }

    private List<Drive> drives() {
        return world.hypervisor.spec(VM).orElseThrow().drives();
    }

    private Drive drive(String name, Image image) {
        return new Drive(name, Optional.of(file(image)));
    }

    private AppliedDevices applied() {
        return world.status(incarnation).devices();
    }

    private Image imported(String name) throws IOException {
        return new ImportedDiscs(world).imported(name);
    }

    private Path file(Image image) {
        return new ImportedDiscs(world).file(image);
    }
}
