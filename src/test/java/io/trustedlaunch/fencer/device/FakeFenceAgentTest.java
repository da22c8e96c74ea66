package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.node.FenceDeviceStatus.Power;

class FakeFenceAgentTest extends FenceAgentContract {
    private final FakeFenceAgent agent = new FakeFenceAgent();

    @Override
    protected FenceAgent agent() {
        return agent;
    }

    @Override
    protected FenceTarget target() {
        return FakeFenceAgent.TARGET;
    }

    @Override
    protected String machineUuid() {
        return agent.uuid;
    }

    @Override
    protected boolean runs() {
        return agent.power == Power.On;
    }

    @Override
    protected void powerOn() {
        agent.power = Power.On;
    }

    @Override
    protected void hang() {
        // Its power does not change.
    }
}
