package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class VmOptionsTest {
    @Test
    void aManifestHasTheGivenFieldsAndNoOthers() {
        TrustedLaunchVM vm = options(
                        "--memory=8Gi",
                        "--data-disk=data=200Gi",
                        "--network=vlan-42",
                        "--network=vlan-7",
                        "--cloud-init-secret=init")
                .vm("finance", "payroll");

        assertThat(ManifestYaml.of(vm)).isEqualTo("""
                        apiVersion: trustedlaunch.io/v1alpha1
                        kind: TrustedLaunchVM
                        metadata:
                          name: payroll
                          namespace: finance
                        spec:
                          runStrategy: Always
                          imageRef:
                            name: ws2022
                          cores: 4
                          memory: 8Gi
                          osDisk:
                            size: 128Gi
                          dataDisks:
                          - name: data
                            size: 200Gi
                          networkInterfaces:
                          - name: nic0
                            network: vlan-42
                          - name: nic1
                            network: vlan-7
                          guestConfig:
                            cloudInit:
                              secretRef:
                                name: init
                        """);
    }

    @Test
    void virtualizationBasedSecurityIsNamedIfTheUserDoes() {
        TrustedLaunchVM vm = options("--memory=8Gi", "--vbs=Required").vm("finance", "payroll");

        assertThat(vm.getSpec().chosenVbs()).contains(VirtualizationBasedSecurity.Required);
        assertThat(ManifestYaml.of(vm)).contains("""
                  securityProfile:
                    virtualizationBasedSecurity: Required
                  cores: 4
                """);
    }

    @Test
    void itsHardwareIsNamedIfTheUserDoes() {
        TrustedLaunchVM vm = options("--memory=8Gi", "--disk-bus=VirtIO", "--network-model=E1000e", "--screen=None")
                .vm("finance", "payroll");

        assertThat(vm.getSpec())
                .returns(DiskBus.VirtIO, TrustedLaunchVMSpec::diskBus)
                .returns(NetworkModel.E1000e, TrustedLaunchVMSpec::networkModel)
                .returns(ScreenModel.None, TrustedLaunchVMSpec::screen);
    }

    @Test
    void aGuestThatInstallsItselfHasItsDiscInTheFirstDrive() {
        TrustedLaunchVM vm = options(
                        "--memory=8Gi", "--empty-disk", "--disc=drivers=virtio-win", "--sysprep-secret=answers")
                .vm("finance", "payroll");

        assertThat(ManifestYaml.of(vm)).contains("""
                  imageRef:
                    name: ws2022
                """, """
                  osDisk:
                    size: 128Gi
                    source: Empty
                  discs:
                  - name: install
                    imageRef:
                      name: ws2022
                    required: false
                  - name: drivers
                    imageRef:
                      name: virtio-win
                    required: false
                """);
    }

    @Test
    void theUserMayNameTheDriveOfTheDisc() {
        assertThat(options("--memory=8Gi", "--empty-disk", "--disc=a=virtio-win", "--disc=b=ws2022")
                        .vm("finance", "payroll")
                        .getSpec()
                        .discs())
                .extracting(Disc::name)
                .containsExactly("a", "b");
    }

    @Test
    void drivesThatTheVmCannotHaveAreRefused() {
        assertRefused(
                "--disc install=virtio-win cannot be combined with --empty-disk",
                "--memory=8Gi",
                "--empty-disk",
                "--disc=install=virtio-win");
        assertRefused(
                "a VM has at most 2 drives, and it would have install, a, b: omit a --disc",
                "--memory=8Gi",
                "--empty-disk",
                "--disc=a=x",
                "--disc=b=y");
    }

    @Test
    void invalidValuesAreRefused() {
        assertRefused("--memory must be a quantity such as 8Gi: much", "--memory=much");
        assertRefused("--memory must be greater than zero: 0", "--memory=0");
        assertRefused(
                "--cloud-init-secret and --sysprep-secret cannot be combined",
                "--memory=1Gi",
                "--cloud-init-secret=a",
                "--sysprep-secret=b");
    }

    private static void assertRefused(String message, String... arguments) {
        VmOptions options = options(arguments);
        assertThatThrownBy(() -> options.vm("finance", "payroll")).hasMessageContaining(message);
    }

    private static VmOptions options(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--image=ws2022", "--cores=4", "--disk-size=128Gi"));
        arguments.addAll(List.of(more));
        return CommandLine.populateCommand(new VmOptions(), arguments.toArray(String[]::new));
    }
}
