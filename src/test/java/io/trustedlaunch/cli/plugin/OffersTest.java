package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.cli.plugin.PlayedApiServer.Ran;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tenant is offered, and what he is told of what he is not. */
class OffersTest {
    private static final String[] CREATE = {
        "create",
        "ledger",
        "-n",
        "finance",
        "--image",
        "ws2022",
        "--cores",
        "2",
        "--memory",
        "1Gi",
        "--disk-size",
        "10Gi"
    };

    private PlayedApiServer server;

    @BeforeEach
    void aClusterWithTwoOfEach(@TempDir Path folder) throws IOException {
        server = new PlayedApiServer(folder);
        server.have(image("ws2022", List.of()));
        server.have(image("acme-os", List.of("acme")));
        GuestImage disc = image("setup", List.of());
        disc.setSpec(GuestImageSpecBuilder.builder(disc.getSpec())
                .form(GuestImageForm.Disc)
                .build());
        server.have(disc);
        server.have(named(new VMNetwork(), "vlan-42", new VMNetworkSpec(List.of("finance"), "clean-traffic")));
        server.have(named(new VMNetwork(), "vlan-acme", new VMNetworkSpec(List.of("acme"), "clean-traffic")));
        server.have(named(new StorageLocation(), "csv", new StorageLocationSpec("/srv/csv", List.of())));
        server.have(named(new StorageLocation(), "csv-acme", new StorageLocationSpec("/srv/acme", List.of("acme"))));
        server.have(named(new BackupLocation(), "nas-acme", BackupLocations.folder("/backups", List.of("acme"))));
        TrustedLaunchVM vm = named(
                new TrustedLaunchVM(),
                "payroll",
                TrustedLaunchVMSpecBuilder.builder()
                        .imageRef(new ObjectRef("ws2022"))
                        .build());
        vm.getMetadata().setNamespace("finance");
        server.have(vm);
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void onlyImagesThatTheNamespaceMayUseAreListed() {
        assertThat(server.run("images", "-n", "finance").out())
                .contains("ws2022")
                .doesNotContain("acme-os");
        assertThat(server.run("images", "-n", "acme").out()).contains("ws2022", "acme-os");
        assertThat(server.run("images", "-n", "finance", "--all").out())
                .containsPattern("acme-os .* no +it is not offered to namespace finance")
                .containsPattern("ws2022 .* yes");
    }

    @Test
    void aVmOfWhatIsOfferedIsCreated() {
        Ran ran = run(CREATE, "--network", "vlan-42", "--storage-location", "csv", "--apply");

        assertThat(ran.err()).isEmpty();
        assertThat(ran.code()).isZero();
        assertThat(server.writes()).containsExactly("POST trustedlaunchvms");
    }

    @ParameterizedTest
    @CsvSource({
        "--image,acme-os,GuestImage acme-os is not offered to namespace finance",
        "--network,vlan-acme,VMNetwork vlan-acme is not offered to namespace finance",
        "--network,vlan-x,VMNetwork vlan-x does not exist",
        "--storage-location,csv-acme,StorageLocation csv-acme is not offered to namespace finance",
        "--storage-location,csv-x,StorageLocation csv-x does not exist"
    })
    void aVmOfWhatIsNotOfferedIsNot(String option, String name, String error) {
        String[] command = CREATE.clone();
        if (option.equals("--image")) {
            command[5] = name;
        }
        Ran ran = option.equals("--image") ? run(command, "--apply") : run(command, option, name, "--apply");

        assertThat(ran.err()).startsWith("error: " + error);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(server.writes()).isEmpty();
    }

    @Test
    void aVmIsInstalledFromADiscAndFromNoDisk() {
        Ran disk = run(CREATE, "--empty-disk", "--apply");
        assertThat(disk.err()).startsWith("error: GuestImage ws2022 has form Disk, and one of form Disc is needed");

        String[] fromDisc = CREATE.clone();
        fromDisc[5] = "setup";
        assertThat(run(fromDisc, "--apply").err())
                .startsWith("error: GuestImage setup has form Disc, and one of form Disk is needed")
                .contains("kubectl tlvm create --empty-disk");
        assertThat(server.writes()).isEmpty();

        assertThat(run(fromDisc, "--empty-disk", "--apply").err()).isEmpty();
        assertThat(server.writes()).containsExactly("POST trustedlaunchvms");
    }

    @Test
    void whoMayNotReadWhatIsOfferedIsToldTheRole() {
        server.forbid(GuestImage.class);
        assertThat(server.run("images", "-n", "finance").err())
                .contains("you may not list guestimages", "ClusterRole trusted-launch-offers");
        assertThat(run(CREATE).err()).contains("you may not list guestimages", "ClusterRole trusted-launch-offers");
    }

    @Test
    void whoMayNotReadNetworksIsToldTheRoleToo() {
        server.forbid(VMNetwork.class);
        assertThat(run(CREATE, "--network", "vlan-42").err())
                .contains("you may not get vmnetworks", "ClusterRole trusted-launch-offers");
    }

    @Test
    void aBackupToWhatIsNotOfferedIsRefused() {
        assertThat(server.run("backup", "create", "payroll", "--location", "typo")
                        .err())
                .startsWith("error: BackupLocation typo does not exist");
        assertThat(server.run("backup", "create", "payroll", "--location", "nas-acme")
                        .err())
                .startsWith("error: BackupLocation nas-acme is not offered to namespace finance");
        assertThat(server.writes()).isEmpty();
    }

    /** Who may not see the location or the node: the operator does, and says so at once. */
    @Test
    void aBackupThatTheOperatorRefusesIsTakenBack() {
        server.forbid(BackupLocation.class);
        VMBackup refused = named(
                new VMBackup(), "payroll-x", new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("typo"), null));
        refused.getMetadata().setNamespace("finance");
        refused.setStatus(VMBackupStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Completed")
                        .withStatus("Unknown")
                        .withReason("BackupLocationNotFound")
                        .withMessage("there is no BackupLocation typo")
                        .build()))
                .build());
        server.have(refused);

        Ran ran = server.run("backup", "create", "payroll", "--location", "typo");

        assertThat(ran.err()).isEqualTo("error: there is no BackupLocation typo\n");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(server.writes()).containsExactly("POST vmbackups", "DELETE payroll-x");
    }

    @Test
    void aMigrationThatTheOperatorRefusesIsTakenBack() {
        server.forbid(ClusterNode.class);
        server.have(migration("TargetNotFound", "host-z: this ClusterNode does not exist"));

        Ran ran = server.run("migrate", "payroll", "--to", "host-z");

        assertThat(ran.err()).isEqualTo("error: host-z: this ClusterNode does not exist\n");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(server.writes()).containsExactly("POST vmmigrations", "DELETE payroll-x");
    }

    @Test
    void aMigrationThatWaitsForSomethingElseStays() {
        server.forbid(ClusterNode.class);
        server.have(migration("NoNodeFits", "host-b: it is full"));

        Ran ran = server.run("migrate", "payroll", "--to", "host-b");

        assertThat(ran.out()).isEqualTo("vmmigration/payroll-x created\n");
        assertThat(ran.code()).isZero();
        assertThat(server.writes()).containsExactly("POST vmmigrations");
    }

    @Test
    void aMigrationToANodeThatDoesNotExistIsNotCreated() {
        assertThat(server.run("migrate", "payroll", "--to", "host-z").err())
                .isEqualTo("error: ClusterNode host-z does not exist\n");
        assertThat(server.writes()).isEmpty();
    }

    private static VMMigration migration(String reason, String message) {
        VMMigration migration =
                named(new VMMigration(), "payroll-x", new VMMigrationSpec(new ObjectRef("payroll"), "host-z"));
        migration.getMetadata().setNamespace("finance");
        migration.setStatus(VMMigrationStatusBuilder.builder()
                .phase(VMMigrationStatus.Phase.Pending)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Migrated")
                        .withStatus("Unknown")
                        .withReason(reason)
                        .withMessage(message)
                        .build()))
                .build());
        return migration;
    }

    private Ran run(String[] command, String... more) {
        String[] all = new String[command.length + more.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        return server.run(all);
    }

    private static GuestImage image(String name, List<String> namespaces) {
        GuestImage image = named(
                new GuestImage(),
                name,
                GuestImageSpecBuilder.builder()
                        .osType(OsType.Windows)
                        .identifier(new Identifier("p", "o", "s"))
                        .version("1")
                        .allowedNamespaces(namespaces)
                        .build());
        image.setStatus(GuestImageStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason("ImageAccepted")
                        .withMessage("VMs can be made from it")
                        .build()))
                .build());
        return image;
    }

    private static <S, T extends io.fabric8.kubernetes.client.CustomResource<S, ?>> T named(
            T object, String name, S spec) {
        object.setMetadata(new ObjectMetaBuilder().withName(name).build());
        object.setSpec(spec);
        return object;
    }
}
