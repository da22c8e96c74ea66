package io.trustedlaunch.testkit;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.controller.ResourceWriter;
import java.util.Optional;

class FakeApiServerTest extends ApiServerContract {
    private final FakeApiServer server = new FakeApiServer();

    @Override
    protected ResourceWriter writer() {
        return server;
    }

    @Override
    protected Optional<VMIncarnation> find(String name) {
        return server.find(VMIncarnation.class, name);
    }
}
