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
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's pairs certified: makes what is missing, renews what ages, without a restart. What is
 * on disk is usable at once, also while the API server is away.
 */
public final class NodeIdentity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeIdentity.class);

    /** A clock may be set, and a machine may sleep: never trust a long timer. */
    private static final Duration LONGEST_NAP = Duration.ofMinutes(10);

    private static final Duration LONGEST_END = Duration.ofSeconds(10);
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(10);

    private final IdentityFiles files;
    private final QemuFiles qemu;
    private final SecureRandom random;
    private final CertificateRequests requests;
    private final IdentityPass pass;
    private final InstantSource clock;
    private final Runnable changed;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("node-identity").daemon().unstarted(this::keepLooking);

    private volatile boolean closed;
    private volatile String pending = "the agent has just started";
    private volatile String migrationPending = "the agent has just started";
    private volatile NodeChannel channel;

    /** @param changed called after another certificate was stored, and when QEMU has got its own */
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
        requests.start(this::lookNow);
        thread.start();
    }

    /** Empty until the node has a sealing certificate; one that has expired still opens old envelopes. */
    public Optional<SealingIdentity> sealing() {
        return files.read(CertificatePurpose.SEALING) instanceof StoredIdentity.Certified certified
                ? Optional.of(new SealingIdentity(certified.pair(), certified.certificate()))
                : Optional.empty();
    }

    /** This node's end of connections between agents; empty until it has a certificate for it. */
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

    /** Why QEMU cannot take part in a migration, as far as certificates go; empty: it can. */
    public Optional<String> migrationPending() {
        return Optional.ofNullable(migrationPending).filter(message -> !message.isEmpty());
    }

    /** Why there is no sealing certificate, or why it is not renewed; for a condition. */
    public Optional<String> pending() {
        return Optional.ofNullable(pending).filter(message -> !message.isEmpty());
    }

    /** Does not wait for a timer or a change: for whoever knows better. */
    public void lookNow() {
        woken.release();
    }

    @Override
    public void close() {
        closed = true;
        woken.release();
        requests.close();
        try {
            // Not interrupted: it may be writing.
            if (thread.getState() != Thread.State.NEW && !thread.join(LONGEST_END)) {
                LOG.warn("Left before the last look ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepLooking() {
        try {
            while (!closed) {
                Duration nap = Duration.between(clock.instant(), look());
                woken.tryAcquire(Math.min(nap.toMillis(), LONGEST_NAP.toMillis()), TimeUnit.MILLISECONDS);
                // Many changes during one look are one.
                woken.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Brings all purposes as far as it goes now, and tells when to look again. */
    Instant look() {
        return Arrays.stream(CertificatePurpose.values())
                .map(this::look)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private Instant look(CertificatePurpose purpose) {
        try {
            while (true) {
                IdentityStep step = pass.run(purpose);
                tell(purpose, step);
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
                        return clock.instant().plus(LONGEST_NAP);
                    }
                }
            }
        } catch (KubernetesClientException | UncheckedIOException e) {
            LOG.warn("Keeping the {} identity failed, trying again: {}", purpose.label(), e.toString());
            tellFault(purpose, e);
        } catch (RuntimeException e) {
            LOG.error("Keeping the {} identity failed, trying again", purpose.label(), e);
            tellFault(purpose, e);
        }
        return clock.instant().plus(AFTER_A_FAULT);
    }

    private void tellFault(CertificatePurpose purpose, RuntimeException fault) {
        switch (purpose) {
            case SEALING -> pending = fault.getMessage();
            case QEMU -> migrationPending = fault.getMessage();
            case AGENT -> {}
        }
    }

    private void tell(CertificatePurpose purpose, IdentityStep step) {
        switch (purpose) {
            case SEALING -> pending = pending(step);
            case QEMU -> placeForQemu(step);
            case AGENT -> {}
        }
        if (step instanceof IdentityStep.Store) {
            changed.run();
        }
    }

    /** Also where nothing was to be stored: somebody may have removed the files. */
    private void placeForQemu(IdentityStep step) {
        String before = migrationPending;
        migrationPending = files.read(CertificatePurpose.QEMU) instanceof StoredIdentity.Certified certified
                ? qemu.place(certified).orElse("")
                : pending(step);
        if (!migrationPending.equals(before)) {
            changed.run();
        }
    }

    private static String pending(IdentityStep step) {
        return switch (step) {
            case IdentityStep.MakeKey makeKey -> "the key is being made";
            case IdentityStep.Request request -> "a certificate was requested";
            case IdentityStep.Wait wait -> wait.message();
            case IdentityStep.Blocked blocked -> blocked.message();
            case IdentityStep.Store store -> "";
            case IdentityStep.Settled settled -> "";
        };
    }
}
