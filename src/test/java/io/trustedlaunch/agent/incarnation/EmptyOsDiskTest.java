package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainXml;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A VM whose OS disk of 8Mi is empty, and which has the disc setup in its drive install. */
class EmptyOsDiskTest extends OneHost {
    private static final long SIZE = 8 << 20;
    private static final Image SETUP = ImportedDiscs.named("setup");

    private ImportedDiscs discs;

    @BeforeEach
    void installsItself() {
        discs = new ImportedDiscs(world);
        world.server.edit(incarnation, EmptyOsDiskTest::empty);
    }

    @Test
    void theFirstStartMakesTheDiskEmptyAndHasTheDisc() throws IOException {
        discs.imported("setup");
        start();

        world.assertRuns();
        assertThat(osDisk()).contains(SIZE);
        assertThat(world.localImages()).as("nothing was copied").doesNotExist();
        assertThat(drive().disc()).contains(discs.file(SETUP));
    }

    /** It has nothing else to boot, so it needs no field required. */
    @Test
    void theFirstStartWaitsForTheDisc() throws IOException {
        world.imageProblem = Optional.of(new Problem(Reason.ImageImporting, "half of it is there"));
        start();

        assertThat(world.hypervisor.find(VM)).isEmpty();
        assertThat(world.reason(incarnation)).isEqualTo(Reason.ImageImporting);

        discs.imported("setup");
        start();
        world.assertRuns();
        assertThat(drive().disc()).contains(discs.file(SETUP));
    }

    @Test
    void aDiscThatWasAlteredIsImportedAgainFirst() throws IOException {
        discs.imported("setup");
        Files.writeString(discs.file(SETUP), "something else");
        start();

        assertThat(world.hypervisor.find(VM)).isEmpty();
        assertThat(world.reason(incarnation)).isEqualTo(Reason.ImageCopyChanged);
        discs.imported("setup");
        start();
        world.assertRuns();
    }

    @Test
    void aLaterStartNeedsNoDiscAndKeepsTheDisk() throws IOException {
        discs.imported("setup");
        start();
        world.stop(incarnation);
        byte[] installed = Files.readAllBytes(world.folder().osDisk());
        installed[300] = 1;
        Files.write(world.folder().osDisk(), installed);
        Files.delete(discs.file(SETUP));

        world.start(2, EmptyOsDiskTest::empty);

        world.assertRuns();
        assertThat(drive().disc()).isEmpty();
        assertThat(Files.readAllBytes(world.folder().osDisk())).isEqualTo(installed);
    }

    @Test
    void aDiskThatIsGoneIsNotMadeAgain() throws IOException {
        discs.imported("setup");
        start();
        world.stop(incarnation);
        Files.delete(world.folder().osDisk());

        VMIncarnation second = world.start(2, EmptyOsDiskTest::empty);

        world.assertDoesNotRun();
        assertThat(world.reason(second)).isEqualTo(Reason.DiskMissing);
        assertThat(world.folder().osDisk()).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("io.trustedlaunch.agent.incarnation.DeathAtEveryPointTest#points")
    void itIsMadeOnceWhereverTheAgentDies(Failpoint point) throws IOException {
        discs.imported("setup");
        world.failpoints.arm(point);

        start();

        world.assertRuns();
        assertThat(osDisk()).contains(SIZE);
    }

    /** So the firmware tries the OS disk first, and the disc only as long as nothing on the disk boots. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void itsDomainIsThatOfAVmWhoseDiskIsACopyOfAnImage(OsType osType) {
        String empty = domain(osType, OsDiskSource.Empty);

        assertThat(empty).isEqualTo(domain(osType, null));
        assertThat(empty).containsSubsequence("<serial>os</serial>", "<boot order=\"1\"/>");
        assertThat(empty).containsSubsequence("<serial>disc_install</serial>", "<boot order=\"2\"/>");
    }

    private String domain(OsType osType, OsDiskSource source) {
        VMIncarnationSpec spec =
                empty(VMIncarnationSpecBuilder.builder(incarnation.getSpec())).build();
        Machine machine = VMIncarnationSpecMachineBuilder.builder(spec.machine())
                .osType(osType)
                .osDiskSource(source)
                .build();
        return DomainXml.render(
                DomainSpecs.of(
                        VMIncarnationSpecBuilder.builder(spec).machine(machine).build(),
                        VM,
                        Optional.empty(),
                        Path.of("/log"),
                        GuestProcessor.of(Acceleration.KVM)),
                Path.of("/nvram"));
    }

    private static VMIncarnationSpecBuilder empty(VMIncarnationSpecBuilder spec) {
        return spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                .image(SETUP)
                .osDiskSource(OsDiskSource.Empty)
                .discs(List.of(new DiscDrive("install", SETUP)))
                .build());
    }

    private void start() {
        world.passWithRestarts(incarnation);
        world.passWithRestarts(incarnation);
    }

    private Optional<Long> osDisk() throws IOException {
        return ImageInspector.virtualSizeOfQcow2(world.folder().osDisk());
    }

    private Drive drive() {
        return world.hypervisor.spec(VM).orElseThrow().drives().getFirst();
    }
}
