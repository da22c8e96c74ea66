package io.trustedlaunch.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeDevicesTest extends GuestDevicesContract {
    @TempDir
    private Path root;

    private FakeHypervisor fake;

    @BeforeEach
    void makeFake() {
        fake = new FakeHypervisor(root);
        fake.setHost(HostFactsBuilder.builder(fake.host())
                .networks(new TreeSet<>(List.of(network(), otherNetwork())))
                .build());
    }

    @Override
    protected Hypervisor hypervisor() {
        return fake;
    }

    @Override
    protected DomainSpec spec(UUID vm, long epoch) {
        DomainSpec spec = Specs.small(vm, epoch, root);
        if (Files.notExists(spec.osDisk().path())) {
            make(spec.osDisk().path(), 1 << 20);
        }
        return spec;
    }

    @Override
    protected void prepare(DomainSpec spec) {
        fake.prepareVariables(spec);
        fake.putTpm(spec.vm(), "tpm of " + spec.vm());
    }

    @Override
    protected Disk disk(String name, long bytes) {
        Path file = root.resolve("data-" + name + ".qcow2");
        make(file, bytes);
        return new Disk(name, file, DiskFormat.QCOW2);
    }

    @Override
    protected Path disc(String name) {
        Path file = root.resolve(name + ".iso");
        make(file, 1 << 20);
        return file;
    }

    private static void make(Path file, long bytes) {
        try {
            Files.write(file, new byte[0]);
            new FakeDiskTool().create(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void holdDevices(UUID vm) {
        fake.devices().holdDevices(vm);
    }

    @Override
    protected String network() {
        return "default";
    }

    @Override
    protected String otherNetwork() {
        return "vlan-42";
    }

    @Override
    protected Nic card(UUID vm, String mac) {
        return fake.spec(vm).orElseThrow().nics().stream()
                .filter(nic -> nic.mac().equals(mac))
                .map(nic -> new Nic("nic0", nic.network(), nic.mac(), nic.trafficFilter(), nic.linkState()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aGuestLetsGoOfDevicesAtOnceOrWhenItDoes() {
        Disk first = disk("a", 1 << 20);
        Disk second = disk("b", 1 << 20);
        start(with(OsType.Linux, 1, List.of(first, second), List.of()));

        devices().detachDisk(vm(), first.path());
        assertThat(devices().of(vm()).disks()).hasSize(2);

        holdDevices(vm());
        devices().detachDisk(vm(), second.path());
        assertThat(devices().of(vm()).disks()).hasSize(2);
        fake.devices().letGoOfDevices(vm());
        assertThat(devices().of(vm()).disks()).hasSize(1);
    }

    @Test
    void aFailureOfOneOperationIsOfThatAlone() {
        DomainSpec spec = start(
                with(OsType.Linux, 1, List.of(), List.of(new Nic("nic0", network(), "52:54:00:12:34:56", "None"))));
        fake.fail(Operation.GROW_DISK, new HypervisorFailure.OperationFailed("busy"));

        assertThat(failure(() -> devices().growDisk(vm(), spec.osDisk().path(), 2 << 20)))
                .isEqualTo(new HypervisorFailure.OperationFailed("busy"));
        devices().updateCard(spec, "nic0");
        assertThat(fake.calls())
                .contains(
                        new FakeHypervisor.Call(Operation.GROW_DISK, vm()),
                        new FakeHypervisor.Call(Operation.UPDATE_CARD, vm()));
    }

    @Test
    void theTargetOfAMigrationHasTheDevicesWhereTheyAre() {
        FakeHypervisor other = new FakeHypervisor(root.resolve("other"));
        fake.connect("host-b", other);
        start(with(OsType.Linux, 1, List.of(disk("a", 1 << 20)), List.of()));
        devices().attachDisk(with(OsType.Linux, 1, List.of(disk("b", 1 << 20)), List.of()), "b");
        other.ensureSecret(vm(), SECRET);
        List<?> places = places(OsType.Linux);

        fake.migrate(
                vm(),
                new MigrationTarget(2, "host-b", "192.0.2.1", Path.of("/run/socket")),
                new MigrationOptions(8, Duration.ofSeconds(1), false));

        assertThat(other.places(vm(), Specs.machine(OsType.Linux))).isEqualTo(places);
        assertThat(other.devices().of(vm()).disks()).hasSize(3);
    }
}
