package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceSpecBuilder;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

class PowerFencingTest {
    @Test
    void onlyARedfishDeviceThatIsReadyProvesThatPowerIsOff() {
        FenceDevice untested = device("host-d", Agent.fence_redfish, "True");
        untested.setStatus(null);

        assertThat(PowerFencing.nodes(List.of(
                        device("host-a", Agent.fence_redfish, "True"),
                        device("host-b", Agent.fence_redfish, "False"),
                        device("host-c", Agent.fence_ipmilan, "True"),
                        untested)))
                .containsExactly("host-a");
    }

    static FenceDevice device(String node, Agent agent, String ready) {
        FenceDevice device = new FenceDevice();
        device.getMetadata().setName("bmc-" + node);
        device.setSpec(FenceDeviceSpecBuilder.builder()
                .nodeName(node)
                .agent(agent)
                .address("192.0.2.1")
                .build());
        device.setStatus(new FenceDeviceStatus(
                1L,
                null,
                null,
                null,
                List.of(new ConditionBuilder()
                        .withType(ConditionType.Ready.name())
                        .withStatus(ready)
                        .build())));
        return device;
    }
}
