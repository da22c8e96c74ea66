package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.MachineUuid;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** A management controller in memory, that a test can set to anything. */
public final class FakeFenceAgent implements FenceAgent {
    public static final FenceTarget TARGET = FenceTargetBuilder.builder()
            .agent(Agent.fence_redfish)
            .address("bmc-a:8443")
            .path(Optional.of("/redfish/v1/Systems/a"))
            .username("admin")
            .password("secret")
            .caBundle("authority")
            .build();

    /** What the machine says of itself. */
    public String uuid = "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf";

    /** Whose certificate it has. */
    public String authority = TARGET.caBundle();

    public Power power = Power.On;

    /** A switch that answers, and does nothing. */
    public boolean switchStuck;

    public boolean reachable = true;

    /** Run before each question, so that something happens in between. */
    public final Deque<Runnable> beforeQuestions = new ArrayDeque<>();

    public int switched;

    @Override
    public Optional<Machine> machine(FenceTarget target) throws FenceException {
        ask(target);
        return target.agent() == Agent.fence_redfish
                ? Optional.of(new Machine(
                        TARGET.path().orElseThrow(), MachineUuid.parse(uuid).orElseThrow()))
                : Optional.empty();
    }

    @Override
    public void off(FenceTarget target) throws FenceException {
        ask(target);
        switched++;
        if (!switchStuck) {
            power = Power.Off;
        }
    }

    @Override
    public Power status(FenceTarget target) throws FenceException {
        ask(target);
        return power;
    }

    private void ask(FenceTarget target) throws FenceException {
        Optional.ofNullable(beforeQuestions.poll()).ifPresent(Runnable::run);
        if (!reachable || !target.address().equals(TARGET.address())) {
            throw new FenceException(Reason.FenceDeviceUnreachable, target.address() + " does not answer");
        }
        if (target.agent() == Agent.fence_redfish && !target.caBundle().equals(authority)) {
            throw new FenceException(Reason.UntrustedCertificate, target.address() + ": certificate verify failed");
        }
        if (!target.password().equals(TARGET.password())) {
            throw new FenceException(Reason.WrongPassword, target.address() + " answers 401");
        }
        if (target.path().isPresent() && !target.path().equals(TARGET.path())) {
            throw new FenceException(Reason.FenceDeviceFault, target.address() + " answers 404");
        }
    }
}
