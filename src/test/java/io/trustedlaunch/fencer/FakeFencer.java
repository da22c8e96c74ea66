package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.fencer.device.FenceAgent;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process of the fencer: its real plans and cuts, over what its watches have brought. */
public final class FakeFencer {
    private static final Logger LOG = LoggerFactory.getLogger(FakeFencer.class);
    private static final String NAMESPACE = "fencing";

    private final FakeApiServer server;
    private final InstantSource clock;
    private final DeviceInspector inspector;
    private final Fencing fencing;
    private final Set<String> busy = new HashSet<>();
    private FakeApiServer cache;

    /** @param pause lets time pass while it waits */
    public FakeFencer(FakeApiServer server, FenceAgent agent, Consumer<Duration> pause, InstantSource clock) {
        this.server = server;
        this.clock = clock;
        FencerReader reader = new Uncached(server);
        this.inspector = new DeviceInspector(NAMESPACE, reader, agent);
        this.fencing = new Fencing(
                reader,
                inspector,
                new PowerCut(agent, pause::accept, clock),
                () -> {},
                new AuditLog(clock, line -> {}));
        look();
    }

    private record Uncached(FakeApiServer server) implements FencerReader {
        @Override
        public Optional<Secret> secret(String name) {
            return server.find(Secret.class, name);
        }

        @Override
        public Optional<ClusterNode> node(String name) {
            return server.find(ClusterNode.class, name);
        }

        @Override
        public Optional<NodeFence> fence(String name) {
            return server.find(NodeFence.class, name);
        }
    }

    public void look() {
        cache = server.snapshot();
    }

    /** One step for each FenceDevice, but for those whose last step has not ended. */
    public void pass() {
        cache.seen(FenceDevice.class)
                .map(device -> device.getMetadata().getName())
                .filter(busy::add)
                .forEach(this::step);
    }

    /** Meanwhile others may have ended. */
    private void step(String name) {
        try {
            cache.find(FenceDevice.class, name).ifPresent(this::step);
        } catch (StaleViewException e) {
            LOG.debug("Reconciling again: {}", e.getMessage());
        } finally {
            busy.remove(name);
        }
    }

    private void step(FenceDevice device) {
        DeviceFacts facts = new DeviceFacts(
                device,
                cache.seen(NodeFence.class)
                        .filter(fence -> fence.getSpec()
                                .nodeName()
                                .equals(device.getSpec().nodeName()))
                        .toList(),
                clock.instant());
        switch (DevicePlanner.next(facts)) {
            case DeviceStep.Wait wait -> {}
            case DeviceStep.Inspect inspect ->
                record(device, DeviceStatus.tested(device, inspector.inspect(device.getSpec()), clock.instant()));
            case DeviceStep.Cut(NodeFence fence) ->
                record(
                        device,
                        DeviceStatus.attempted(
                                device, fence, fencing.attempt(device.getSpec(), fence), clock.instant()));
        }
    }

    /** The controller sees what it wrote at once. */
    private void record(FenceDevice device, FenceDeviceStatus status) {
        if (Objects.equals(device.getStatus(), status) || device.isMarkedForDeletion()) {
            return;
        }
        FenceDevice fresh = new FenceDevice();
        fresh.setMetadata(device.getMetadata());
        fresh.setSpec(device.getSpec());
        fresh.setStatus(status);
        cache.learn(server.replaceStatus(fresh));
    }
}
