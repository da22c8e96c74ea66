package io.trustedlaunch.controller;

import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process of several, whose controllers run while it leads. It ends once it leads no longer, and its supervisor starts it
 * again.
 */
public final class LeaderProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderProcess.class);
    private static final int ENDED = 1;

    /** A kubelet waits for 30 seconds. */
    private static final Duration STOPPING = Duration.ofSeconds(20);

    /** Passes that have begun may end within this time. */
    private static final Duration LAST_PASSES = Duration.ofSeconds(5);

    private final String lease;
    private final String namespace;
    private final Duration leaseDuration;

    /** New at each start: what answers an earlier process is outdated. */
    private final String identity = UUID.randomUUID().toString();

    private volatile boolean stopping;

    /** @param lease name of the leader Lease */
    public LeaderProcess(String lease, String namespace, Duration leaseDuration) {
        this.lease = lease;
        this.namespace = namespace;
        this.leaseDuration = leaseDuration;
    }

    public String identity() {
        return identity;
    }

    public Duration retryPeriod() {
        return leaseDuration.dividedBy(6);
    }

    /** @param begin called once this process leads */
    public void configure(ConfigurationServiceOverrider overrider, Runnable begin) {
        overrider
                // The Lease is released after that.
                .withCloseClientOnStop(false)
                .withReconciliationTerminationTimeout(LAST_PASSES)
                .withResourceCloner(new SameObject())
                // The chart installs the CRDs; controllers have no permission to read them.
                .checkingCRDAndValidateLocalModel(false)
                .withUseSSAToPatchPrimaryResource(false)
                .withLeaderElectionConfiguration(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(lease)
                        .withLeaseNamespace(namespace)
                        .withIdentity(identity)
                        .withLeaseDuration(leaseDuration)
                        // A leader that cannot renew its Lease ends after this time, before another process may lead.
                        .withRenewDeadline(leaseDuration.multipliedBy(2).dividedBy(3))
                        .withRetryPeriod(retryPeriod())
                        .withLeaderCallbacks(new LeaderCallbacks(begin, this::lost, leader -> {}))
                        // The process ends by the callback, which runs no shutdown hook.
                        .buildForTest(false));
    }

    /**
     * Returns when the controllers run, which is when this process leads.
     *
     * @param release gives the Lease up, after the last pass
     */
    public void start(Operator operator, Runnable release) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(operator, release)));
        LOG.info("Starting as {} in namespace {}", identity, namespace);
        operator.start();
    }

    /** Runs in a shutdown hook, so it must end in any case. */
    private void stop(Operator operator, Runnable release) {
        LOG.info("Stopping");
        stopping = true;
        // Not in the common pool: answers of the API server pass through it.
        CompletableFuture.runAsync(
                        operator::stop, task -> Thread.ofPlatform().daemon().start(task))
                .thenRun(release)
                .orTimeout(STOPPING.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(e -> {
                    LOG.warn("The leader Lease was not given up: another process leads when it expires", e);
                    return null;
                })
                .join();
    }

    /** The SDK would run the shutdown hook, which waits for a lock that the SDK holds then. */
    private void lost() {
        if (!stopping) {
            end("it does not lead any more");
        }
    }

    /** Ends at once; the supervisor of the process starts it again. */
    public static void end(String reason) {
        LOG.error("Restarting with a new identity: {}", reason);
        Runtime.getRuntime().halt(ENDED);
    }
}
