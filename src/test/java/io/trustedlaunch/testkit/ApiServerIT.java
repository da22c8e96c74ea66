package io.trustedlaunch.testkit;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.controller.ResourceWriter;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.extension.RegisterExtension;

class ApiServerIT extends ApiServerContract {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private final ResourceWriter writer = new KubeWriter(CLUSTER.admin(), InstantSource.system(), "contract");

    @Override
    protected ResourceWriter writer() {
        return writer;
    }

    @Override
    protected Optional<VMIncarnation> find(String name) {
        return Optional.ofNullable(CLUSTER.admin()
                .resources(VMIncarnation.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(name)
                .get());
    }
}
