package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostCapabilitiesTest {
    @Test
    void theMachineIsNamedByTheHost() {
        assertThat(HostCapabilities.parse("""
                        <capabilities>
                          <host>
                            <uuid>dd1f0b6f-7e2c-45ed-8737-b6004f4224cf</uuid>
                            <cpu><arch>x86_64</arch></cpu>
                          </host>
                        </capabilities>
                        """).machineUUID()).contains("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");
        assertThat(HostCapabilities.parse("<capabilities><host/></capabilities>")
                        .machineUUID())
                .isEmpty();
    }
}
