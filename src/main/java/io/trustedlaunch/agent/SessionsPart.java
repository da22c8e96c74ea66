package io.trustedlaunch.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.console.ConsoleService;
import io.trustedlaunch.agent.console.ConsoleSession;
import io.trustedlaunch.agent.console.RecordedConsole;
import io.trustedlaunch.agent.download.DownloadService;
import io.trustedlaunch.agent.download.DownloadServiceToolsBuilder;
import io.trustedlaunch.agent.download.DownloadSession;
import io.trustedlaunch.agent.download.SavedDisks;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.restorerun.RestoreStores;
import io.trustedlaunch.agent.session.SessionServer;
import io.trustedlaunch.agent.session.SessionWatch;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.process.SteadyClock;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** Assembles what serves users' sessions with this node: guests' consoles, and downloads of backups' disks. */
final class SessionsPart implements AutoCloseable {
    /** A user may pause the client for a moment, or its disk may be slow. */
    private static final Duration CLIENT_SILENCE = Duration.ofMinutes(5);

    private static final Duration DOWNLOAD_WATCH = Duration.ofMillis(500);

    private final Supplier<Optional<NodeChannel>> channel;
    private final SessionWatch<VMConsole, ConsoleSession> consoles;
    private final SessionWatch<VMBackupDownload, DownloadSession> downloads;
    private final ConsoleService consoleService;
    private final DownloadService downloadService;
    private final SessionServer server;

    /**
     * The guests on this node.
     *
     * @param latest the latest incarnation of each VM on this node, by its identity
     */
    record Guests(Function<UUID, Optional<VMIncarnation>> latest, Hypervisor hypervisor, ConsoleLogs logs) {
        GuestConsole open(ConsoleSession session) {
            return switch (session.kind()) {
                case Serial -> {
                    GuestConsole live = hypervisor.openConsole(session.vm(), session.epoch());
                    yield new RecordedConsole(logs.recent(session.vm()), live);
                }
                case Screen -> hypervisor.openScreen(session.vm(), session.epoch());
            };
        }
    }

    /**
     * @param limit for the handshake and the request of a connection
     * @param clock the API server's
     */
    SessionsPart(
            KubernetesClient client,
            NodeEnvelopes envelopes,
            Guests guests,
            Supplier<Optional<NodeChannel>> channel,
            Duration limit,
            InstantSource clock,
            AuditLog audit) {
        this.channel = channel;
        String node = envelopes.nodeName();
        this.consoles = new SessionWatch<>(
                client,
                VMConsole.class,
                node,
                console -> console.getSpec().clientKeySHA256(),
                console -> ConsoleSession.of(console, node, guests.latest()),
                clock);
        this.downloads = new SessionWatch<>(
                client,
                VMBackupDownload.class,
                node,
                download -> download.getSpec().clientKeySHA256(),
                download -> DownloadSession.of(download, node),
                clock);
        this.consoleService = new ConsoleService(consoles, guests::open, limit, audit);
        this.downloadService = new DownloadService(
                downloads,
                DownloadServiceToolsBuilder.builder()
                        .disks(new SavedDisks(envelopes.opener(RestoreEnvelope::open), RestoreStores::opened))
                        .limit(limit)
                        .silence(CLIENT_SILENCE)
                        .watched(new SupervisedWork(DOWNLOAD_WATCH))
                        .clock(SteadyClock.system())
                        .audit(audit)
                        .build());
        this.server = new SessionServer(channel, List.of(consoleService, downloadService), limit);
    }

    /** @param opened runs once the port is open */
    void start(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        consoles.start(consoleService::checkSessions);
        downloads.start(downloadService::checkSessions);
        server.open(address, port, opened);
    }

    /** Empty while it is closed, or this node has no certificate. */
    OptionalInt port() {
        return channel.get().isPresent() ? server.port() : OptionalInt.empty();
    }

    @Override
    public void close() {
        server.close();
        consoles.close();
        downloads.close();
    }
}
