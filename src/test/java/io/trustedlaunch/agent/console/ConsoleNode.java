package io.trustedlaunch.agent.console;

import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.session.SessionServer;
import io.trustedlaunch.agent.session.Sessions;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node whose agent serves the consoles of one VM, on real sockets of this machine; the test grants the sessions. */
public final class ConsoleNode implements AutoCloseable {
    public static final String NAME = "host-b";
    public static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Duration LIFETIME = Duration.ofDays(30);

    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final NodeCertificateAuthority authority;
    private final NodeChannel channel;
    private final Map<String, ConsoleSession> sessions = new ConcurrentHashMap<>();
    private final List<String> audited = new CopyOnWriteArrayList<>();
    private final ConsoleService service;
    private final SessionServer server;

    public ConsoleNode(ConsoleService.Consoles consoles) {
        Instant now = clock.instant();
        authority = NodeCertificateAuthority.create(
                PublishedAuthority.NODES, random, now.minus(LIFETIME), LIFETIME.multipliedBy(20));
        NodeKeyPair pair = NodeKeyPair.generate(random);
        X509Certificate certificate = authority.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(NAME),
                CertificatePurpose.AGENT,
                now,
                LIFETIME,
                random);
        channel = new NodeChannel(pair, certificate, authority.verifier(), clock, random);
        service = new ConsoleService(new Granted(), consoles, LIMIT, new AuditLog(clock, audited::add));
        server = new SessionServer(() -> Optional.of(channel), List.of(service), LIMIT);
        server.open(() -> Optional.of(InetAddress.getLoopbackAddress()), 0, () -> {});
        await().until(() -> server.port().isPresent());
    }

    public int port() {
        return server.port().orElseThrow();
    }

    public NodeCertificateVerifier authority() {
        return authority.verifier();
    }

    /** The lines of the audit log. */
    public List<String> audited() {
        return audited;
    }

    /**
     * Admits a client.
     *
     * @param id UID of its VMConsole
     */
    public void grant(String id, String name, String user, ConsoleKind kind, String clientKey) {
        sessions.put(
                id,
                ConsoleSessionBuilder.builder()
                        .object(new AuditedObject("VMConsole", Optional.of("finance"), name, id))
                        .requestedBy(user)
                        .node(NAME)
                        .clientKey(clientKey)
                        .vm(VM)
                        .kind(kind)
                        .epoch(2)
                        .createdAt(clock.instant())
                        .expiresAt(clock.instant().plus(Duration.ofHours(1)))
                        .build());
    }

    /** Ends all sessions, as when the VM has moved. */
    public void withdrawAll() {
        sessions.clear();
        service.checkSessions();
    }

    @Override
    public void close() {
        server.close();
    }

    private final class Granted implements Sessions<ConsoleSession> {
        @Override
        public boolean admits(String fingerprint) {
            return sessions.values().stream()
                    .anyMatch(session -> session.clientKey().equals(fingerprint));
        }

        @Override
        public Optional<ConsoleSession> find(String id, String fingerprint) {
            return Optional.ofNullable(sessions.get(id))
                    .filter(session -> session.clientKey().equals(fingerprint));
        }
    }
}
