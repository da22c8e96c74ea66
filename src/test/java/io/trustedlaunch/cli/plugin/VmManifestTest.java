package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VmManifestTest {
    @Test
    void aManifestHasWhatWasAskedForAndNothingElse() {
        assertThat(manifest("8Gi", Map.of("data", "200Gi"), Optional.of("init"), Optional.empty())
                        .yaml())
                .isEqualTo("""
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
    void whatCannotBeIsRefusedBeforeAnythingIsWritten() {
        assertThatThrownBy(() -> manifest("much", Map.of(), Optional.empty(), Optional.empty())
                        .vm())
                .hasMessageContaining("--memory much is no amount");
        assertThatThrownBy(() -> manifest("0", Map.of(), Optional.empty(), Optional.empty())
                        .vm())
                .hasMessageContaining("--memory 0");
        assertThatThrownBy(() -> manifest("1Gi", Map.of(), Optional.of("a"), Optional.of("b"))
                        .vm())
                .hasMessageContaining("one of --cloud-init-secret and --sysprep-secret");
    }

    private static VmManifest manifest(
            String memory, Map<String, String> disks, Optional<String> cloudInit, Optional<String> sysprep) {
        return VmManifestBuilder.builder()
                .namespace("finance")
                .name("payroll")
                .image("ws2022")
                .cores(4)
                .memory(memory)
                .diskSize("128Gi")
                .dataDisks(disks)
                .networks(List.of("vlan-42", "vlan-7"))
                .cloudInitSecret(cloudInit)
                .sysprepSecret(sysprep)
                .halted(false)
                .build();
    }
}
