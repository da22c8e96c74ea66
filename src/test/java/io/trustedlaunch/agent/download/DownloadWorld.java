package io.trustedlaunch.agent.download;

import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.session.SessionServer;
import io.trustedlaunch.agent.session.SessionService;
import io.trustedlaunch.agent.session.SessionWatch;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatusBuilder;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.cli.plugin.session.AgentConnection;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.process.SteadyClock;
import io.trustedlaunch.testkit.FakeWatch;
import io.trustedlaunch.testkit.SealingKey;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A node's agent that serves downloads over real sockets, and a VM's backups in memory. */
final class DownloadWorld implements AutoCloseable {
    static final Duration SILENCE = Duration.ofMinutes(5);

    private static final int SEND_BUFFER = 64 << 10;
    private static final byte[] NO_GRANT = {};

    final SecureRandom random = new SecureRandom();
    final BackupFixture backups;
    final SealingKey sealing = new SealingKey(Downloads.NODE);
    final List<String> audited = new CopyOnWriteArrayList<>();
    /** Of each envelope that was opened. */
    final List<BackupKeys> keys = new CopyOnWriteArrayList<>();

    volatile Instant now;
    volatile BackupStore store;

    /** By how much the clock that nobody sets is ahead. */
    private final AtomicLong aheadNanos = new AtomicLong();

    private final NodeCertificateAuthority authority;
    private final FakeWatch<VMBackupDownload> api = new FakeWatch<>(VMBackupDownload.class);
    private final SessionWatch<VMBackupDownload, DownloadSession> sessions;
    private final DownloadService service;
    private final SessionServer server;
    private int version = 1;

    DownloadWorld(long seed) {
        this(seed, Duration.ofSeconds(20));
    }

    /** @param limit for a client's request, and for its last frame */
    DownloadWorld(long seed, Duration limit) {
        this(seed, limit, Downloads.NOW);
    }

    /** @param start the time until {@link #now} is set */
    DownloadWorld(long seed, Duration limit, Instant start) {
        now = start;
        backups = new BackupFixture(seed);
        store = backups.store;
        authority = NodeCertificateAuthority.create(
                PublishedAuthority.NODES, random, now.minus(Duration.ofDays(1)), Duration.ofDays(100));
        sessions = new SessionWatch<>(
                api.client(),
                VMBackupDownload.class,
                Downloads.NODE,
                download -> download.getSpec().clientKeySHA256(),
                download -> DownloadSession.of(download, Downloads.NODE),
                () -> now);
        service = new DownloadService(
                sessions,
                DownloadServiceToolsBuilder.builder()
                        .disks(new SavedDisks(this::open, (location, grant) -> store))
                        .limit(limit)
                        .silence(SILENCE)
                        .watched(new SupervisedWork(Duration.ofMillis(20)))
                        .clock(new SteadyClock(() -> System.nanoTime() + aheadNanos.get()))
                        .audit(new AuditLog(InstantSource.fixed(now), audited::add))
                        .build());
        NodeChannel own = channel();
        server = new SessionServer(() -> Optional.of(own), List.of(narrow(service)), Duration.ofSeconds(20));
        sessions.start(service::checkSessions);
        await().until(api::isWatched);
        server.open(() -> Optional.of(InetAddress.getLoopbackAddress()), 0, () -> {});
        await().until(() -> server.port().isPresent());
    }

    /** What the sockets hold for a slow client is little, whatever this machine gives them. */
    private static SessionService narrow(SessionService service) {
        return new SessionService() {
            @Override
            public boolean admits(String fingerprint) {
                return service.admits(fingerprint);
            }

            @Override
            public Optional<Client> client(String id, String fingerprint) {
                return service.client(id, fingerprint).map(client -> connection -> {
                    connection.plain().setSendBufferSize(SEND_BUFFER);
                    client.serve(connection);
                });
            }

            @Override
            public void checkSessions() {
                service.checkSessions();
            }

            @Override
            public void close() {
                service.close();
            }
        };
    }

    private RestoreEnvelope.Content open(byte[] envelope, RestoreEnvelope.Address expected) {
        try {
            RestoreEnvelope.Content content = RestoreEnvelope.open(envelope, sealing.pair(), expected);
            keys.add(content.keys());
            return content;
        } catch (EnvelopeRefusedException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }

    private NodeChannel channel() {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        return new NodeChannel(
                pair,
                authority.issue(
                        CertificateRequest.parse(pair.certificateRequest(random)),
                        new NodeSubject(Downloads.NODE),
                        CertificatePurpose.AGENT,
                        now.minus(Duration.ofDays(1)),
                        Duration.ofDays(30),
                        random),
                authority.verifier(),
                () -> now,
                random);
    }

    /** A backup of an OS disk, after an earlier one whose packs it uses if there is one. */
    BackupIndex backUp(int number, Optional<BackupIndex> before, byte[] root) {
        return backups.make(
                BackupFixture.VM,
                number,
                before,
                new BackupFixture.Content(
                        Map.of(DiskName.ROOT, root), Map.of(BackupFileName.GUEST_STATE, backups.bytes(100))),
                backups.key);
    }

    SessionKey key() {
        return SessionKey.generate(() -> now, random);
    }

    /** In base64. */
    String envelope(RestoreEnvelope.Address to, SealingKey recipient) {
        try (BackupKeys sealed = BackupKeys.of(backups.key, to.vm())) {
            return Base64.getEncoder()
                    .encodeToString(RestoreEnvelope.seal(
                            new RestoreEnvelope.Content(sealed, NO_GRANT), to, recipient.certificate(), random));
        }
    }

    /** The operator has it ready. */
    VMBackupDownload grant(String name, SessionKey key, BackupIndex backup) {
        return grant(name, key, backup, status -> status);
    }

    VMBackupDownload grant(
            String name, SessionKey key, BackupIndex backup, UnaryOperator<VMBackupDownloadStatusBuilder> change) {
        RestoreEnvelope.Address address =
                new RestoreEnvelope.Address(Downloads.uid(name), BackupFixture.VM, Downloads.NODE);
        return grant(Downloads.of(
                name,
                key.fingerprint(),
                backup.ref(),
                status -> change.apply(status.envelope(envelope(address, sealing)))));
    }

    VMBackupDownload grant(VMBackupDownload download) {
        download.getMetadata().setResourceVersion(Integer.toString(++version));
        api.adds(download);
        return download;
    }

    void delete(VMBackupDownload download) {
        download.getMetadata().setResourceVersion(Integer.toString(++version));
        api.deletes(download);
    }

    boolean admits(SessionKey key) {
        return sessions.admits(key.fingerprint());
    }

    /** A client that has not sent anything yet. */
    DownloadClient connect(String name, SessionKey key) throws IOException {
        return new DownloadClient(
                key.toNode(authority.verifier(), Downloads.NODE), server.port().orElseThrow(), Downloads.uid(name));
    }

    /** Where the status says that it is. */
    AgentConnection.Target target() {
        return new AgentConnection.Target(
                Downloads.NODE, "127.0.0.1", server.port().orElseThrow(), authority.certificatePem());
    }

    void pass(Duration time) {
        aheadNanos.addAndGet(time.toNanos());
    }

    void stopAgent() {
        service.close();
    }

    @Override
    public void close() {
        server.close();
        sessions.close();
    }
}
