package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.api.image.OsType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainDevicesTest {
    @ParameterizedTest
    @CsvSource({
        "linux-9, EMULATED",
        "linux-kvm-9, KVM",
        "windows-kvm-9, KVM",
        "windows-kvm_nested_intel-11, KVM_NESTED_INTEL"
    })
    void theProcessorsOfADomainAreThoseThatItWasStartedWith(String file, Acceleration acceleration) throws IOException {
        assertThat(devices(read(file)).acceleration()).isEqualTo(acceleration);
    }

    @Test
    void theVirtualizationOfAmdIsTold() throws IOException {
        String amd = read("windows-kvm_nested_intel-11")
                .replace("<feature policy='require' name='umip'/>", "<feature policy='require' name='svm'/>");
        assertThat(devices(amd).acceleration()).isEqualTo(Acceleration.KVM_NESTED_AMD);
    }

    /** What its host, or this version of the agent, would give to another guest does not matter. */
    @Test
    void whatIsAddedIsBehindTheIommuThatTheDomainHas() throws IOException {
        DomainSpec started = Specs.full(OsType.Windows, Acceleration.KVM);
        assertThat(devices(read("windows-kvm_nested_intel-11"))
                        .withFreePlaces(started)
                        .acceleration())
                .isEqualTo(Acceleration.KVM_NESTED_INTEL);
        assertThat(devices(read("linux-kvm-9"))
                        .withFreePlaces(Specs.full(OsType.Linux, Acceleration.KVM_NESTED_AMD))
                        .acceleration())
                .isEqualTo(Acceleration.KVM);
    }

    private static DomainDevices devices(String xml) {
        return new DomainDevices(LibvirtXml.parse(xml));
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of("src", "test", "resources", "golden", "migration", file + ".xml"));
    }
}
