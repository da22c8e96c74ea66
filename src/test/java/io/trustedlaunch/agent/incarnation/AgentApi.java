package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.incarnation.report.StatusWriter;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.FakeApiServer;

/** One agent's connection to the API server. */
public final class AgentApi implements StatusWriter, Ownership.Reader, IncarnationLookup {
    private final FakeApiServer server;
    private boolean down;

    public AgentApi(FakeApiServer server) {
        this.server = server;
    }

    public void setDown(boolean now) {
        down = now;
    }

    public boolean isDown() {
        return down;
    }

    @Override
    public VMIncarnation write(VMIncarnation incarnation, VMIncarnationStatus status) {
        throwIfDown();
        return server.applyStatus(
                        VMIncarnation.class,
                        incarnation.getMetadata().getName(),
                        incarnation.getMetadata().getUid(),
                        status)
                .orElseThrow(() -> new KubernetesClientException("not found, or created again"));
    }

    @Override
    public Ownership read(VmRef vm) {
        return down
                ? new Ownership.Unread("connection refused")
                : server.find(TrustedLaunchVM.class, vm.name())
                        .<Ownership>map(Ownership.Found::new)
                        .orElseGet(Ownership.Absent::new);
    }

    @Override
    public boolean isGone(String name) {
        return !down && server.find(VMIncarnation.class, name).isEmpty();
    }

    public void throwIfDown() {
        if (down) {
            throw new KubernetesClientException("connection refused");
        }
    }
}
