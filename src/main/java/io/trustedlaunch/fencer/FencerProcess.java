package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.HeldLease;
import io.trustedlaunch.controller.KubeLeaderLease;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.controller.SameObject;
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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A fencer. Of several, one leads; only that one asks and switches. */
public final class FencerProcess {
    private static final String NAME = "trusted-launch-fencer";
    private static final Logger LOG = LoggerFactory.getLogger(FencerProcess.class);
    private static final int ENDED = 1;

    /** Each may run a program, and wait for a controller that does not answer. */
    private static final int PARALLEL = 8;

    /** A kubelet waits for 30 seconds. */
    private static final Duration STOPPING = Duration.ofSeconds(20);

    private static final Duration LAST_PASSES = Duration.ofSeconds(5);

    private static final int CONNECTIONS = 64;
    private static final Duration LONGEST_PROBE = Duration.ofSeconds(5);

    private final FencerConfiguration configuration;
    private final String identity = UUID.randomUUID().toString();
    private final Clock clock = Clock.systemUTC();
    private volatile boolean stopping;

    public FencerProcess(FencerConfiguration configuration) {
        this.configuration = configuration;
    }

    /** Runs until the process ends. */
    public void run() throws IOException, InterruptedException {
        if (configuration.healthPort().isPresent()) {
            serveProbes(configuration.healthPort().getAsInt());
        }
        KubernetesClient client = ApiClient.connect();
        Operator operator = new Operator(overrider -> configure(overrider, client));
        HeldLease lease = register(operator, client);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(operator, lease)));
        LOG.info("Starting as {} in namespace {}", identity, configuration.namespace());
        operator.start();
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
        KubeWriter writer = new KubeWriter(client, clock, identity, NAME);
        HeldLease lease =
                new HeldLease(identity, new KubeLeaderLease(client, namespace, NAME, writer), FencerProcess::end);
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
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withReconciliationTerminationTimeout(LAST_PASSES)
                .withConcurrentReconciliationThreads(PARALLEL)
                .withResourceCloner(new SameObject())
                .checkingCRDAndValidateLocalModel(false)
                .withUseSSAToPatchPrimaryResource(false)
                .withLeaderElectionConfiguration(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(NAME)
                        .withLeaseNamespace(configuration.namespace())
                        .withIdentity(identity)
                        .withLeaseDuration(configuration.leaseDuration())
                        .withRenewDeadline(configuration.renewDeadline())
                        .withRetryPeriod(configuration.retryPeriod())
                        .withLeaderCallbacks(new LeaderCallbacks(() -> {}, this::lost, leader -> {}))
                        // The process ends by the callback, which runs no shutdown hook.
                        .buildForTest(false));
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** In a shutdown hook, so it must end in any case. */
    private void stop(Operator operator, HeldLease lease) {
        LOG.info("Stopping");
        stopping = true;
        CompletableFuture.runAsync(
                        operator::stop, task -> Thread.ofPlatform().daemon().start(task))
                .thenRun(lease::release)
                .orTimeout(STOPPING.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(e -> {
                    LOG.warn("The leader Lease was not given up: another process leads when it expires", e);
                    return null;
                })
                .join();
    }

    private void lost() {
        if (!stopping) {
            end("it does not lead any more");
        }
    }

    /** Ends at once; the supervisor of the process starts it again. */
    private static void end(String reason) {
        LOG.error("Restarting with a new identity: {}", reason);
        Runtime.getRuntime().halt(ENDED);
    }
}
