package io.trustedlaunch.agent.identity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeChannel;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the node's key pairs, requests their certificates and renews them. Certificates on disk can be used at once, also
 * while the API server is not reachable.
 */
public final class NodeIdentity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeIdentity.class);

    /** Bounded, since the clock may be set and the host may be suspended. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(10);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER_FAULT = Duration.ofSeconds(10);

    private final IdentityFiles files;
    private final QemuFiles qemu;
    private final SecureRandom random;
    private final CertificateRequests requests;
    private final IdentityPass pass;
    private final InstantSource clock;
    private final Runnable changed;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("node-identity").daemon().unstarted(this::run);

    private volatile boolean closed;
    private volatile String pending = "the agent is starting";
    private volatile String migrationPending = "the agent is starting";
    private volatile NodeChannel channel;

    /** @param changed called after a certificate was stored, and when {@link #migrationPending} changed */
    public NodeIdentity(
            KubernetesClient client,
            IdentitySettings settings,
            InstantSource clock,
            SecureRandom random,
            Runnable changed) {
        this(new KubeCertificateRequests(client, settings, clock, random), settings, clock, random, changed);
    }

    NodeIdentity(
            CertificateRequests requests,
            IdentitySettings settings,
            InstantSource clock,
            SecureRandom random,
            Runnable changed) {
        this.files = new IdentityFiles(settings.folder());
        this.requests = requests;
        this.pass = new IdentityPass(settings.nodeName(), files, requests, clock, random);
        this.clock = clock;
        this.qemu = settings.qemu();
        this.random = random;
        this.changed = changed;
    }

    public void start() {
        requests.start(this::wake);
        thread.start();
    }

    /** Empty until the node has a sealing certificate. An expired one still opens old envelopes. */
    public Optional<SealingIdentity> sealing() {
        return files.read(CertificatePurpose.SEALING) instanceof StoredIdentity.Certified certified
                ? Optional.of(new SealingIdentity(certified.pair(), certified.certificate()))
                : Optional.empty();
    }

    /** The channel for connections between agents; empty until the node has a certificate for them. */
    public Optional<NodeChannel> channel() {
        return files.read(CertificatePurpose.AGENT) instanceof StoredIdentity.Certified certified
                ? Optional.of(channel(certified))
                : Optional.empty();
    }

    private synchronized NodeChannel channel(StoredIdentity.Certified certified) {
        if (channel == null || !channel.isOf(certified.certificate(), certified.authority())) {
            channel = new NodeChannel(certified.pair(), certified.certificate(), certified.authority(), clock, random);
        }
        return channel;
    }

    /** When the node's certificates expire, without those that it does not have. */
    public Map<CertificatePurpose, Instant> expirations() {
        Map<CertificatePurpose, Instant> expirations = new EnumMap<>(CertificatePurpose.class);
        for (CertificatePurpose purpose : CertificatePurpose.values()) {
            if (files.read(purpose) instanceof StoredIdentity.Certified certified) {
                expirations.put(purpose, certified.certificate().getNotAfter().toInstant());
            }
        }
        return expirations;
    }

    /** Why QEMU has no certificate for migrations; empty if it has one. */
    public Optional<String> migrationPending() {
        return Optional.ofNullable(migrationPending).filter(message -> !message.isEmpty());
    }

    /** Why there is no sealing certificate, or why its renewal fails; for a condition. */
    public Optional<String> pending() {
        return Optional.ofNullable(pending).filter(message -> !message.isEmpty());
    }

    /** Starts a pass now. */
    public void wake() {
        woken.release();
    }

    @Override
    public void close() {
        closed = true;
        woken.release();
        requests.close();
        try {
            // Not interrupted, since it may be writing.
            if (thread.getState() != Thread.State.NEW && !thread.join(CLOSE_TIMEOUT)) {
                LOG.warn("The last pass over the node's certificates did not end within {}", CLOSE_TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                Duration wait = Duration.between(clock.instant(), reconcile());
                woken.tryAcquire(Math.min(wait.toMillis(), MAX_WAIT.toMillis()), TimeUnit.MILLISECONDS);
                // Several changes during one pass need one more pass.
                woken.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Carries out the steps of all purposes that are possible now. Returns the time of the next pass. */
    Instant reconcile() {
        return Arrays.stream(CertificatePurpose.values())
                .map(this::reconcile)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private Instant reconcile(CertificatePurpose purpose) {
        try {
            while (true) {
                IdentityStep step = pass.run(purpose);
                report(purpose, step);
                switch (step) {
                    case IdentityStep.MakeKey makeKey -> {}
                    case IdentityStep.Request request -> {}
                    case IdentityStep.Store store -> {}
                    case IdentityStep.Wait wait -> {
                        return wait.until();
                    }
                    case IdentityStep.Settled settled -> {
                        return settled.until();
                    }
                    case IdentityStep.Blocked blocked -> {
                        return clock.instant().plus(MAX_WAIT);
                    }
                }
            }
        } catch (KubernetesClientException | UncheckedIOException e) {
            LOG.warn("The {} identity cannot be updated, retrying: {}", purpose.label(), e.toString());
            reportFault(purpose, e);
        } catch (RuntimeException e) {
            LOG.error("The {} identity cannot be updated, retrying", purpose.label(), e);
            reportFault(purpose, e);
        }
        return clock.instant().plus(RETRY_AFTER_FAULT);
    }

    private void reportFault(CertificatePurpose purpose, RuntimeException fault) {
        switch (purpose) {
            case SEALING -> pending = fault.getMessage();
            case QEMU -> migrationPending = fault.getMessage();
            case AGENT -> {}
        }
    }

    private void report(CertificatePurpose purpose, IdentityStep step) {
        switch (purpose) {
            case SEALING -> pending = pending(step);
            case QEMU -> writeForQemu(step);
            case AGENT -> {}
        }
        if (step instanceof IdentityStep.Store) {
            changed.run();
        }
    }

    /** Every pass writes them, since someone may have removed the files. */
    private void writeForQemu(IdentityStep step) {
        String before = migrationPending;
        migrationPending = files.read(CertificatePurpose.QEMU) instanceof StoredIdentity.Certified certified
                ? qemu.write(certified).orElse("")
                : pending(step);
        if (!migrationPending.equals(before)) {
            changed.run();
        }
    }

    private static String pending(IdentityStep step) {
        return switch (step) {
            case IdentityStep.MakeKey makeKey -> "the key is being made";
            case IdentityStep.Request request -> "the certificate was requested";
            case IdentityStep.Wait wait -> wait.message();
            case IdentityStep.Blocked blocked -> blocked.message();
            case IdentityStep.Store store -> "";
            case IdentityStep.Settled settled -> "";
        };
    }
}
