package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.operator.fencing.HeardNodes;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.time.ZoneOffset;

/** The kubelet of a host, as far as anybody hears of it. */
record Kubelet(Host host, FakeApiServer server, LocalClock clock) {
    static final Duration INTERVAL = Duration.ofSeconds(10);

    /** With the time of its host. */
    void renewLease() {
        if (host.runs() && host.reach() == Host.Reach.ALL) {
            server.put(new LeaseBuilder()
                    .withNewMetadata()
                    .withNamespace(HeardNodes.KUBELETS)
                    .withName(host.name())
                    .endMetadata()
                    .withNewSpec()
                    .withRenewTime(clock.instant().atZone(ZoneOffset.UTC))
                    .endSpec()
                    .build());
        }
    }
}
