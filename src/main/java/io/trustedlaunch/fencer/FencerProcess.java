package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.HeldLease;
import io.trustedlaunch.controller.KubeLeaderLease;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.controller.LeaderProcess;
import io.trustedlaunch.fencer.device.FenceAgent;
import io.trustedlaunch.fencer.device.FenceAgents;
import io.trustedlaunch.process.ApiClient;
import io.trustedlaunch.process.TextPages.Text;
import io.trustedlaunch.process.TextServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A fencer. Of several, one leads; only that one asks and switches. */
public final class FencerProcess {
    private static final String NAME = "trusted-launch-fencer";

    /** Each may run a program, and wait for a controller that does not answer. */
    private static final int PARALLEL = 8;

    private static final int CONNECTIONS = 64;
    private static final Duration LONGEST_PROBE = Duration.ofSeconds(5);

    private final FencerConfiguration configuration;
    private final LeaderProcess process;
    private final Clock clock = Clock.systemUTC();

    public FencerProcess(FencerConfiguration configuration) {
        this.configuration = configuration;
        this.process = new LeaderProcess(NAME, configuration.namespace(), configuration.leaseDuration());
    }

    /** Runs until the process ends. */
    public void run() throws IOException, InterruptedException {
        if (configuration.healthPort().isPresent()) {
            serveProbes(configuration.healthPort().getAsInt());
        }
        KubernetesClient client = ApiClient.connect();
        Operator operator = new Operator(overrider -> configure(overrider, client));
        HeldLease lease = register(operator, client);
        process.start(operator, lease::release);
        new CountDownLatch(1).await();
    }

    private static void serveProbes(int port) throws IOException {
        new TextServer(
                "health",
                new InetSocketAddress(port),
                CONNECTIONS,
                LONGEST_PROBE,
                Map.of("/healthz", () -> Text.ok("ok\n"), "/readyz", () -> Text.ok("ok\n")));
    }

    private HeldLease register(Operator operator, KubernetesClient client) {
        String namespace = configuration.namespace();
        KubeWriter writer = new KubeWriter(client, clock, process.identity(), NAME);
        HeldLease lease = new HeldLease(
                process.identity(), new KubeLeaderLease(client, namespace, NAME, writer), LeaderProcess::end);
        FencerReader reader = new KubeFencerReader(client, namespace);
        FenceAgent agent = new FenceAgents();
        DeviceInspector inspector = new DeviceInspector(namespace, reader, agent);
        PowerCut powerCut = new PowerCut(agent, FencerProcess::pause, clock);
        operator.register(new FenceDeviceReconciler(
                inspector,
                new Fencing(reader, inspector, powerCut, lease::confirm, AuditLog.ofProcess(clock, entry -> {})),
                writer,
                clock));
        return lease;
    }

    private void configure(ConfigurationServiceOverrider overrider, KubernetesClient client) {
        process.configure(overrider, () -> {});
        overrider.withKubernetesClient(client).withConcurrentReconciliationThreads(PARALLEL);
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
