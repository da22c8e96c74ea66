package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.fencer.device.FakeFenceAgent;
import io.trustedlaunch.testkit.ServerCertificate;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceInspectorTest {
    @TempDir
    static Path folder;

    private static String authority;

    private final FakeFenceAgent bmc = new FakeFenceAgent();
    private final FakeFencerReader reader = new FakeFencerReader();

    @BeforeAll
    static void makeAuthority() throws Exception {
        authority = ServerCertificate.make(folder, 1).authority();
    }

    @BeforeEach
    void provide() {
        reader.secret = Optional.of(Devices.secret(Map.of("ca.crt", authority)));
        bmc.authority = authority;
    }

    @Test
    void theControllerOfTheNodesMachineIsVerified() {
        Inspection inspection = inspect();
        assertThat(inspection).isInstanceOf(Inspection.Verified.class);
        assertThat(inspection.uuid()).hasToString("Optional[" + Devices.MACHINE + "]");
    }

    @Test
    void thePathThatWasFoundIsTheOneThatIsSwitched() {
        assertThat(inspect("spec: {systemsURI: null}"))
                .isInstanceOfSatisfying(
                        Inspection.Verified.class,
                        verified -> assertThat(verified.target().path()).contains("/redfish/v1/Systems/a"));
    }

    @Test
    void theControllerOfAnotherMachineIsRefused() {
        bmc.uuid = "11111111-7e2c-45ed-8737-b6004f4224cf";
        assertRefused(
                Reason.WrongMachine,
                inspect(),
                "bmc-a:8443/redfish/v1/Systems/a is machine 11111111-7e2c-45ed-8737-b6004f4224cf, and node host-a is machine "
                        + Devices.MACHINE);
        assertThat(bmc.switched).isZero();
    }

    @Test
    void aNodeThatNamesNoMachineCannotBeCompared() {
        reader.node = Optional.of(Devices.node("spec: {machineUUID: null}"));
        assertRefused(Reason.MachineUnknown, inspect(), "spec.machineUUID of ClusterNode host-a does not say which");
        reader.node = Optional.empty();
        assertRefused(Reason.MachineUnknown, inspect(), "host-a");
        reader.node = Optional.of(Devices.node("spec: {machineUUID: 00000000-0000-0000-0000-000000000000}"));
        bmc.uuid = "11111111-7e2c-45ed-8737-b6004f4224cf";
        assertRefused(Reason.MachineUnknown, inspect(), "host-a");
    }

    /** A host that was taken over must not have another machine switched. */
    @Test
    void whatTheAgentReportsIsNotCompared() {
        bmc.uuid = "11111111-7e2c-45ed-8737-b6004f4224cf";
        reader.node = Optional.of(Devices.node("status: {machineUUID: " + bmc.uuid + "}"));
        assertRefused(Reason.WrongMachine, inspect(), "node host-a is machine " + Devices.MACHINE);
    }

    @Test
    void whatTheControllerRefusesIsTold() {
        reader.secret = Optional.of(Devices.secret(Map.of("ca.crt", authority, "password", "wrong")));
        assertRefused(Reason.WrongPassword, inspect(), "answers 401");
        reader.secret = Optional.empty();
        assertRefused(Reason.FenceSecretNotFound, inspect(), "there is no such Secret");
    }

    @Test
    void overIpmiNothingIsVerified() {
        reader.node = Optional.empty();
        assertThat(inspect("spec: {agent: fence_ipmilan, systemsURI: null}")).isInstanceOf(Inspection.Unverified.class);
    }

    private static void assertRefused(Reason reason, Inspection inspection, String message) {
        assertThat(inspection).isInstanceOfSatisfying(Inspection.Refused.class, refused -> {
            assertThat(refused.problem().reason()).isEqualTo(reason);
            assertThat(refused.problem().message()).contains(message);
        });
    }

    private Inspection inspect(String... changes) {
        return new DeviceInspector(Devices.NAMESPACE, reader, bmc)
                .inspect(Devices.device(changes).getSpec());
    }
}
