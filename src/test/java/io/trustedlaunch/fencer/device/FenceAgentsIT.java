package io.trustedlaunch.fencer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The distribution's fence_redfish, and the switch of a lab's host: the power is that of its processes. */
class FenceAgentsIT extends FenceAgentContract {
    private static final String HOST = "host-b";
    private static final Pattern UUID = Pattern.compile("(?m)^host_uuid = \"(.*)\"$");

    private static Lab lab;

    @BeforeAll
    static void startControllers() {
        lab = Lab.fromEnvironment();
        lab.run("bmc", "start").orFail();
    }

    @AfterAll
    static void stopControllers() {
        lab.run("bmc", "stop").orFail();
    }

    @Override
    protected FenceAgent agent() {
        return new FenceAgents();
    }

    @Override
    protected FenceTarget target() {
        String devices = lab.run("bmc", "devices").orFail();
        return FenceTargetBuilder.builder()
                .agent(Agent.fence_redfish)
                .address(found(devices, "address: (.*)"))
                .path(Optional.of("/redfish/v1/Systems/" + HOST))
                .username("admin")
                .password(read("pki/bmc.password").strip())
                .caBundle(read("pki/ca.crt"))
                .build();
    }

    private static String found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static String read(String file) {
        try {
            return Files.readString(lab.folder().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected String machineUuid() {
        Matcher matcher = UUID.matcher(read("hosts/" + HOST + "/etc/libvirt/libvirtd.conf"));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    @Override
    protected boolean runs() {
        return Arrays.stream(lab.run("status").orFail().split("\n"))
                .anyMatch(line -> line.matches("libvirtd-" + HOST + " +running.*"));
    }

    @Override
    protected void powerOn() {
        lab.run("host", HOST, "start").orFail();
    }

    @Override
    protected void hang() {
        lab.run("host", HOST, "freeze").orFail();
    }

    @Test
    void theCertificateNamesTheAddress() {
        // The same server, as the C library reads it: the last number has two bytes.
        String[] bytes = target().host().split("\\.", -1);
        int last = Integer.parseInt(bytes[2]) * 256 + Integer.parseInt(bytes[3]);
        FenceTarget alias = FenceTargetBuilder.builder(target())
                .address(bytes[0] + "." + bytes[1] + "." + last + ":"
                        + target().port().orElseThrow())
                .build();
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> agent().status(alias))
                .matches(e -> e.problem().message().matches(".*(doesn't match|certificate is not valid for).*"));
    }

    @Test
    void aControllerOfSeveralMachinesNeedsThePathOfOne() {
        FenceTarget any =
                FenceTargetBuilder.builder(target()).path(Optional.empty()).build();
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> agent().machine(any))
                .matches(e -> e.problem().reason() == Reason.FenceDeviceFault)
                .withMessageContaining("lists 2 systems: name the node's in spec.systemsURI");
    }
}
