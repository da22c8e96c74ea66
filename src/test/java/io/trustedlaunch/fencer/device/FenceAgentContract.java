package io.trustedlaunch.fencer.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.testkit.ServerCertificate;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link FenceAgent} does. Only one machine is switched, and it has power at the end. */
public abstract class FenceAgentContract {
    @TempDir
    static Path folder;

    /** Something that a management controller refuses, or that it answered otherwise than expected. */
    @FunctionalInterface
    interface Act {
        void run() throws FenceException;
    }

    protected abstract FenceAgent agent();

    /** The controller of a machine that may be switched, with credentials and a path. */
    protected abstract FenceTarget target();

    /** By other means than the port. */
    protected abstract String machineUuid();

    /** By other means than the port. */
    protected abstract boolean runs();

    protected abstract void powerOn();

    /** The machine hangs: it has power, and does nothing. */
    protected abstract void hang();

    @Test
    void theMachineIsNamedByItsUuidAndNothingIsSwitched() throws FenceException {
        Machine machine = agent().machine(target()).orElseThrow();
        assertThat(machine.uuid().text()).isEqualTo(machineUuid());
        assertThat(target().path()).contains(machine.path());
        assertThat(runs()).isTrue();
    }

    @Test
    void offCutsThePowerAndMayBeRepeated() throws FenceException {
        try {
            assertThat(agent().status(target())).isEqualTo(Power.On);
            agent().off(target());
            assertThat(agent().status(target())).isEqualTo(Power.Off);
            assertThat(runs()).isFalse();
            agent().off(target());
            assertThat(agent().status(target())).isEqualTo(Power.Off);
            assertThat(agent().machine(target()).orElseThrow().uuid().text()).isEqualTo(machineUuid());
        } finally {
            powerOn();
        }
        assertThat(agent().status(target())).isEqualTo(Power.On);
    }

    @Test
    void aMachineThatHangsHasPowerUntilItIsCut() throws FenceException {
        hang();
        try {
            assertThat(agent().status(target())).isEqualTo(Power.On);
            agent().off(target());
            assertThat(agent().status(target())).isEqualTo(Power.Off);
            assertThat(runs()).isFalse();
        } finally {
            powerOn();
        }
    }

    @Test
    void aWrongPasswordSwitchesNothing() {
        FenceTarget wrong = with().password("wrong").build();
        assertRefused(Reason.WrongPassword, () -> agent().machine(wrong));
        assertThat(refusal(() -> agent().status(wrong))).isPresent();
        assertThat(refusal(() -> agent().off(wrong))).isPresent();
        assertThat(runs()).isTrue();
    }

    @Test
    void onlyTheCertificatesOfTheTargetAreTrusted() throws Exception {
        FenceTarget other =
                with().caBundle(ServerCertificate.make(folder, 1).authority()).build();
        assertRefused(Reason.UntrustedCertificate, () -> agent().machine(other));
        assertThat(refusal(() -> agent().status(other)).orElseThrow().problem().message())
                .contains("certificate verify failed");
        assertThat(refusal(() -> agent().off(other)).orElseThrow().problem().message())
                .contains("certificate verify failed");
        assertThat(runs()).isTrue();
    }

    @Test
    void aPathOfNoMachineIsAFault() {
        FenceTarget missing =
                with().path(Optional.of("/redfish/v1/Systems/nothing")).build();
        assertRefused(Reason.FenceDeviceFault, () -> agent().machine(missing));
        assertThat(refusal(() -> agent().status(missing))).isPresent();
        assertThat(refusal(() -> agent().off(missing))).isPresent();
        assertThat(runs()).isTrue();
    }

    @Test
    void anAddressThatNobodyHasIsUnreachable() {
        FenceTarget nobody = with().address("127.0.0.1:9").build();
        assertRefused(Reason.FenceDeviceUnreachable, () -> agent().machine(nobody));
        assertRefused(Reason.FenceDeviceUnreachable, () -> agent().status(nobody));
        assertRefused(Reason.FenceDeviceUnreachable, () -> agent().off(nobody));
    }

    private FenceTargetBuilder with() {
        assertThat(target().agent()).isEqualTo(Agent.fence_redfish);
        return FenceTargetBuilder.builder(target());
    }

    private static void assertRefused(Reason reason, Act act) {
        assertThat(refusal(act).orElseThrow().problem().reason()).isEqualTo(reason);
    }

    private static Optional<FenceException> refusal(Act act) {
        try {
            act.run();
            return Optional.empty();
        } catch (FenceException e) {
            return Optional.of(e);
        }
    }
}
