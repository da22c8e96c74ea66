package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.ClusterClock;
import io.trustedlaunch.controller.KubeLeaderLease;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.controller.LeaderProcess;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.metrics.ApiWriteMetrics;
import io.trustedlaunch.metrics.AuditedActs;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.operator.fencing.HeardNodes;
import io.trustedlaunch.operator.fencing.LeaseHistory;
import io.trustedlaunch.operator.identity.BackupKeyStore;
import io.trustedlaunch.operator.identity.IdentityPart;
import io.trustedlaunch.operator.kube.KubeApiReader;
import io.trustedlaunch.operator.kube.SharedInformers;
import io.trustedlaunch.operator.metrics.OperatorMeters;
import io.trustedlaunch.operator.metrics.SdkMetrics;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.KubeMarkedLease;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.process.ApiConnection;
import io.trustedlaunch.process.PeriodicTasks;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the controllers from the configuration. */
public final class OperatorProcess {
    /** The leader Lease. The inventories of nodes answer its holder. */
    public static final String LEASE = "trusted-launch-operator";

    private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);

    /** An agent that was cut off for longer than this does not remember the last mark. */
    private static final Duration UNTIL_A_MARK_IS_DUE = Duration.ofSeconds(1);

    /** A default object that was deleted comes back before that is forgotten. */
    private static final Duration DEFAULTS_INTERVAL = Duration.ofMinutes(1);

    private final OperatorConfiguration configuration;
    private final LeaderProcess process;
    private final Clock clock = Clock.systemUTC();
    private final SecureRandom random = new SecureRandom();
    private final Readiness readiness = new Readiness();
    private volatile boolean leading;
    private final ProcessMetrics metrics = new ProcessMetrics(SdkMetrics.filters());
    private final OperatorMeters meters = new OperatorMeters(
            metrics.registry(), () -> leading, () -> readiness.problem().isEmpty());
    private final AuditLog audit = AuditLog.ofProcess(clock, new AuditedActs(metrics.registry()));

    public OperatorProcess(OperatorConfiguration configuration) {
        this.configuration = configuration;
        this.process = new LeaderProcess(LEASE, configuration.namespace(), configuration.leaseDuration());
    }

    /** Runs until the process ends, or until an access policy is missing or changed. */
    public void run() throws IOException, InterruptedException {
        servePorts();
        configuration.recovery().ifPresent(this::logRecipient);
        ApiConnection api = ApiConnection.open(System::nanoTime);
        KubernetesClient client = api.client();
        metrics.add(new ComputedMetrics(new ApiWriteMetrics(api.writes())));
        AccessGate gate = new AccessGate(new AccessPolicies(configuration.namespace(), client), readiness);
        gate.await();
        AgentLiveness liveness = new AgentLiveness(System::nanoTime);
        HeardNodes heard = new HeardNodes(new LeaseHistory(System::nanoTime), new LeaseHistory(System::nanoTime));
        try (LeaseWatch agents = new LeaseWatch(client, configuration.namespace(), heard.agents(liveness));
                LeaseWatch kubelets = new LeaseWatch(client, HeardNodes.KUBELETS, heard.ofKubelets());
                ScheduledExecutorService periodic = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("periodic").factory())) {
            ClusterClock held = new ClusterClock(clock, api.clock()::read);
            KubeWriter writer = new KubeWriter(client, clock, process.identity());
            DefaultObjects defaults = defaults(client, writer);
            BackupKeyStore backupKeys =
                    new BackupKeyStore(configuration.namespace(), new KubeApiReader(client), writer, random, held);
            Operator operator =
                    new Operator(overrider -> configure(overrider, client, () -> lead(periodic, defaults, backupKeys)));
            IdentityPart identity = new IdentityPart(client, configuration.namespace(), random, held);
            Leadership leadership = leadership(client, writer, identity);
            Controllers controllers = new Controllers(
                    configuration,
                    client,
                    process.identity(),
                    writer,
                    leadership,
                    identity,
                    backupKeys,
                    liveness,
                    heard,
                    meters,
                    audit,
                    held);
            controllers.register(operator, metrics);
            controllers.measure(operator, metrics, () -> leading);
            PeriodicTasks.start(periodic, UNTIL_A_MARK_IS_DUE, UNTIL_A_MARK_IS_DUE, leadership::raiseIfDue);
            process.start(operator, leadership::release);
            while (!gate.isBroken()) {
                Thread.sleep(Duration.ofMinutes(1));
            }
            LOG.error("The access policies of the agents are missing or changed; restarting, to wait for them");
        }
    }

    private void servePorts() throws IOException {
        if (configuration.healthPort().isPresent()) {
            Endpoints.health(configuration.healthPort().getAsInt(), readiness);
        }
        if (configuration.metricsPort().isPresent()) {
            metrics.measureJvm();
            Endpoints.metrics(configuration.metricsPort().getAsInt(), metrics);
        }
    }

    /** An expired certificate still serves its purpose: its private key opens the escrows. */
    private void logRecipient(RecoveryCertificate certificate) {
        LOG.info("Protection keys are escrowed for {}", certificate);
        if (!certificate.isValidAt(clock.instant())) {
            LOG.warn("{} is not valid now; it is used nevertheless", certificate);
        }
    }

    private DefaultObjects defaults(KubernetesClient client, KubeWriter writer) {
        return new DefaultObjects(
                configuration.defaults(),
                wanted -> Optional.ofNullable(client.resource(wanted).get()),
                writer::applyUnlessChanged);
    }

    /** @param begin called once this process leads */
    private void configure(ConfigurationServiceOverrider overrider, KubernetesClient client, Runnable begin) {
        process.configure(overrider, begin);
        overrider.withKubernetesClient(SharedInformers.of(client)).withMetrics(SdkMetrics.in(metrics.registry()));
    }

    private void lead(ScheduledExecutorService periodic, DefaultObjects defaults, BackupKeyStore backupKeys) {
        leading = true;
        PeriodicTasks.start(periodic, Duration.ZERO, DEFAULTS_INTERVAL, defaults::apply);
        if (configuration.backupKey()) {
            PeriodicTasks.start(periodic, Duration.ZERO, DEFAULTS_INTERVAL, backupKeys::present);
        }
    }

    private Leadership leadership(KubernetesClient client, KubeWriter writer, IdentityPart identity) {
        return new Leadership(
                process.identity(),
                new KubeMarkedLease(
                        new KubeLeaderLease(client, configuration.namespace(), LEASE, writer),
                        writer,
                        process.retryPeriod(),
                        clock),
                () -> identity.nodes().markKey(),
                System::nanoTime,
                LeaderProcess::end);
    }
}
