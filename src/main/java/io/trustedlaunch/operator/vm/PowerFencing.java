package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/** Which nodes' power can be cut such that it is proved: IPMI proves nothing. */
final class PowerFencing {
    private PowerFencing() {}

    static Set<String> nodes(Collection<FenceDevice> devices) {
        return devices.stream()
                .filter(PowerFencing::isReady)
                .map(device -> device.getSpec().nodeName())
                .collect(Collectors.toSet());
    }

    static boolean isReady(FenceDevice device) {
        return device.getSpec().agent() == Agent.fence_redfish
                && device.status()
                        .flatMap(status -> ConditionType.Ready.in(status.conditions()))
                        .filter(ready -> ready.getStatus().equals("True"))
                        .isPresent();
    }
}
