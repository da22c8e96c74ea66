package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DomainCapabilitiesTest {
    @Test
    void capabilitiesAreParsed() {
        DomainCapabilities capabilities = DomainCapabilities.parse("""
                <domainCapabilities>
                  <path>/usr/bin/qemu-system-x86_64</path>
                  <os supported='yes'>
                    <loader supported='yes'>
                      <value>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</value>
                      <enum name='readonly'><value>yes</value></enum>
                      <enum name='secure'><value>no</value><value>yes</value></enum>
                    </loader>
                  </os>
                  <cpu>
                    <mode name='maximum' supported='yes'/>
                    <mode name='host-model' supported='yes'>
                      <model fallback='forbid'>Skylake-Client-IBRS</model>
                      <feature policy='require' name='vmx'/>
                      <feature policy='disable' name='mpx'/>
                    </mode>
                  </cpu>
                  <features>
                    <hyperv supported='yes'>
                      <enum name='features'><value>relaxed</value><value>evmcs</value></enum>
                    </hyperv>
                  </features>
                </domainCapabilities>
                """);

        assertThat(capabilities.emulator()).contains(Path.of("/usr/bin/qemu-system-x86_64"));
        assertThat(capabilities.secureLoader()).isTrue();
        assertThat(capabilities.cpuFeatures()).containsExactly("vmx");
        assertThat(capabilities.enlightenments()).containsExactlyInAnyOrder("relaxed", "evmcs");
    }

    @Test
    void aLoaderThatCannotKeepSecretsIsNotSecure() {
        assertThat(DomainCapabilities.parse(
                                "<domainCapabilities><os><loader><enum name='secure'><value>no</value></enum>"
                                        + "<enum name='readonly'><value>yes</value></enum></loader></os></domainCapabilities>")
                        .secureLoader())
                .isFalse();
    }
}
