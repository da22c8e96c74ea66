package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.fencer.Fencing.Attempt;
import io.trustedlaunch.fencer.device.FakeFenceAgent;
import io.trustedlaunch.testkit.ServerCertificate;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FencingTest {
    @TempDir
    static Path folder;

    private static String authority;

    private final FakeFenceAgent bmc = new FakeFenceAgent();
    private final FakeFencerReader reader = new FakeFencerReader();
    private final List<String> audited = new ArrayList<>();
    private Runnable leading = () -> {};

    @BeforeAll
    static void makeAuthority() throws Exception {
        authority = ServerCertificate.make(folder, 1).authority();
    }

    @BeforeEach
    void provide() {
        bmc.authority = authority;
        reader.secret = Optional.of(Devices.secret(Map.of("ca.crt", authority)));
    }

    @Test
    void thePowerOfTheNodesMachineIsCut() {
        Attempt attempt = attempt();
        assertThat(attempt.observed().orElseThrow().power()).isEqualTo(Power.Off);
        assertThat(bmc.switched).isEqualTo(1);
        assertThat(audited).singleElement().asString().contains("PowerCut", "Success", "host-a-3f0c1b2a", "\"host-a\"");
    }

    @Test
    void aSwitchWithoutEffectIsOnRecordToo() {
        bmc.switchStuck = true;
        assertThat(attempt().observed().orElseThrow().power()).isEqualTo(Power.On);
        assertThat(audited).singleElement().asString().contains("PowerCut", "Unknown");
    }

    @Test
    void theControllerOfAnotherMachineSwitchesNothing() {
        bmc.uuid = "11111111-7e2c-45ed-8737-b6004f4224cf";
        assertThat(attempt().observed()).isEmpty();
        assertThat(bmc.switched).isZero();
        assertThat(audited).isEmpty();
    }

    @Test
    void theMachineIsTheOneThatTheFenceWasMadeFor() {
        bmc.uuid = "11111111-7e2c-45ed-8737-b6004f4224cf";
        reader.node = Optional.of(Devices.node("spec: {machineUUID: " + bmc.uuid + "}"));
        assertThat(attempt().observed()).isEmpty();
        assertThat(bmc.switched).isZero();
    }

    @Test
    void aProcessThatDoesNotLeadAnyMoreSwitchesNothing() {
        leading = () -> {
            throw new IllegalStateException("another process holds the leader Lease");
        };
        assertThatThrownBy(this::attempt).isInstanceOf(IllegalStateException.class);
        assertThat(bmc.switched).isZero();
        assertThat(audited).isEmpty();
    }

    @Test
    void aFenceThatTheOperatorChangedMeanwhileSwitchesNothing() {
        reader.fence = Optional.of(Devices.fence("metadata: {resourceVersion: \"18\"}", "status: {phase: Released}"));
        assertThatThrownBy(this::attempt).isInstanceOf(StaleViewException.class);
        reader.fence = Optional.empty();
        assertThatThrownBy(this::attempt).isInstanceOf(StaleViewException.class);
        assertThat(bmc.switched).isZero();
        assertThat(audited).isEmpty();
    }

    @Test
    void aFenceWhoseClusterNodeIsGoneSwitchesNothing() {
        reader.node = Optional.empty();
        assertSwitchesNothing();
        reader.node = Optional.of(Devices.node("metadata: {uid: uid-of-a-later-one}"));
        assertSwitchesNothing();
    }

    private void assertSwitchesNothing() {
        Attempt attempt = attempt();
        assertThat(attempt.observed()).isEmpty();
        assertThat(attempt.inspection())
                .isInstanceOfSatisfying(
                        Inspection.Refused.class,
                        refused -> assertThat(refused.problem().message())
                                .startsWith(
                                        "ClusterNode host-a, for which NodeFence host-a-3f0c1b2a was made, was deleted"));
        assertThat(bmc.switched).isZero();
        assertThat(audited).isEmpty();
    }

    /** While the controller is asked which machine it is in. */
    @Test
    void aClusterNodeThatIsDeletedMeanwhileKeepsItsPower() {
        leading = () -> reader.node = Optional.empty();
        assertThatThrownBy(this::attempt).isInstanceOf(StaleViewException.class);
        assertThat(bmc.switched).isZero();
    }

    private Attempt attempt() {
        return new Fencing(
                        reader,
                        new DeviceInspector(Devices.NAMESPACE, reader, bmc),
                        new PowerCut(bmc, time -> {}, () -> Instant.EPOCH),
                        () -> leading.run(),
                        new AuditLog(InstantSource.fixed(Instant.EPOCH), audited::add))
                .attempt(Devices.device().getSpec(), Devices.fence());
    }
}
