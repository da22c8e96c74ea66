package io.trustedlaunch.agent.identity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.custody.CertificatePurpose;
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
    private final CertificateRequests requests;
    private final IdentityPass pass;
    private final InstantSource clock;
    private final Runnable sealingChanged;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("node-identity").daemon().unstarted(this::keepLooking);

    private volatile boolean closed;
    private volatile String pending = "the agent has just started";

    /** @param sealingChanged called after another sealing certificate was stored */
    public NodeIdentity(
            KubernetesClient client,
            IdentitySettings settings,
            InstantSource clock,
            SecureRandom random,
            Runnable sealingChanged) {
        this(new KubeCertificateRequests(client, settings, clock, random), settings, clock, random, sealingChanged);
    }

    NodeIdentity(
            CertificateRequests requests,
            IdentitySettings settings,
            InstantSource clock,
            SecureRandom random,
            Runnable sealingChanged) {
        this.files = new IdentityFiles(settings.folder());
        this.requests = requests;
        this.pass = new IdentityPass(settings.nodeName(), files, requests, clock, random);
        this.clock = clock;
        this.sealingChanged = sealingChanged;
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

    /** Brings both purposes as far as it goes now, and tells when to look again. */
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
                if (purpose == CertificatePurpose.SEALING) {
                    tell(step);
                }
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
        if (purpose == CertificatePurpose.SEALING) {
            pending = fault.getMessage();
        }
    }

    private void tell(IdentityStep step) {
        pending = switch (step) {
            case IdentityStep.MakeKey makeKey -> "the key is being made";
            case IdentityStep.Request request -> "a certificate was requested";
            case IdentityStep.Wait wait -> wait.message();
            case IdentityStep.Blocked blocked -> blocked.message();
            case IdentityStep.Store store -> "";
            case IdentityStep.Settled settled -> "";
        };
        if (step instanceof IdentityStep.Store) {
            sealingChanged.run();
        }
    }
}
