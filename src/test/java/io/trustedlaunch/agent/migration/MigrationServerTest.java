package io.trustedlaunch.agent.migration;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.migration.MigrationRequest.Kind;
import io.trustedlaunch.agent.migration.arrival.Guests;
import io.trustedlaunch.agent.migration.ports.MigrationPorts;
import io.trustedlaunch.agent.migration.ports.RecordingFirewall;
import io.trustedlaunch.agent.migration.rpc.Calls;
import io.trustedlaunch.agent.migration.rpc.RpcMessage;
import io.trustedlaunch.agent.seed.FakeIsoWriter;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which peers are accepted, over real sockets. */
class MigrationServerTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(30);
    /** For peers that say nothing, or little. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    /** For others: a handshake may take long on a busy machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final MigrationRequest FORWARD = new MigrationRequest(Kind.FORWARD, VM, 2);
    private static final MigrationRequest LEFT = new MigrationRequest(Kind.LEFT, VM, 2);

    @TempDir
    private Path folder;

    private final SecureRandom random = new SecureRandom();
    private final AtomicReference<Instant> time = new AtomicReference<>(NOW);
    private final NodeCertificateAuthority authority = authority(PublishedAuthority.NODES);
    private final NodeCertificateAuthority qemu = authority(PublishedAuthority.QEMU);
    private final AtomicReference<NodeChannel> own = new AtomicReference<>(channel(authority, "host-b"));
    private final Expected arrivals = new Expected();
    private final RecordingFirewall firewall = new RecordingFirewall();
    private final List<RpcMessage> received = new CopyOnWriteArrayList<>();
    private ServerSocketChannel libvirt;
    private SeedDisc seeds;
    private MigrationServer server;

    /** Expects the guest of VM from host-a as epoch 2. */
    private static final class Expected implements Arrivals {
        private final List<UUID> left = new CopyOnWriteArrayList<>();
        private final List<HomeFile> homes = new CopyOnWriteArrayList<>();
        private volatile boolean over;

        @Override
        public Optional<String> refusal(String fromNode, UUID vm, long epoch) {
            boolean expected = !over && fromNode.equals("host-a") && vm.equals(VM) && epoch == 2;
            return expected ? Optional.empty() : Optional.of("no guest is expected from " + fromNode);
        }

        @Override
        public Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files) {
            Optional<String> refusal = refusal(fromNode, vm, epoch);
            if (refusal.isEmpty()) {
                homes.addAll(files);
            }
            return refusal;
        }

        @Override
        public Optional<String> left(String fromNode, UUID vm, long epoch) {
            Optional<String> refusal = refusal(fromNode, vm, epoch);
            if (refusal.isEmpty()) {
                left.add(vm);
            }
            return refusal;
        }

        @Override
        public Optional<String> taken(String fromNode, UUID vm, long epoch) {
            return left.contains(vm) ? refusal(fromNode, vm, epoch) : Optional.of("it has not been resumed");
        }
    }

    @BeforeEach
    void open() throws IOException {
        Path socket = folder.resolve("libvirt-sock");
        libvirt = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        libvirt.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::answerAsLibvirt);
        HypervisorAccount account = Accounts.ownerOf(folder);
        seeds = new SeedDisc(account, folder.resolve("run"), new FakeIsoWriter());
        serve(PATIENCE);
    }

    private void serve(Duration limit) {
        server = new MigrationServer(
                address -> true,
                () -> Optional.ofNullable(own.get()),
                arrivals,
                (vm, epoch) -> Optional.of(Guests.shared()),
                seeds,
                () -> folder.resolve("libvirt-sock"),
                new MigrationPorts(firewall),
                limit);
        server.open(() -> Optional.of(InetAddress.getLoopbackAddress()), 0, () -> {});
        await().until(() -> server.port().isPresent());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        libvirt.close();
    }

    @Test
    void theExpectedNodesAgentReachesLibvirt() throws IOException {
        try (TlsConnection connection = ask("host-a", FORWARD)) {
            assertThat(isAnswered(connection, 0)).isTrue();
            connection.socket().shutdownOutput();
            assertThat(connection.socket().getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void qemusPortsAreOpenToTheSourceWhileItIsConnectedWithLibvirt() throws IOException {
        assertThat(firewall.admitted()).as("at the start").isEmpty();
        try (TlsConnection connection = ask("host-a", FORWARD)) {
            assertThat(firewall.admitted()).containsExactly(connection.plain().getLocalAddress());
        }
        await().until(() -> firewall.admitted().isEmpty());
    }

    @Test
    void noOtherConnectionOpensQemusPorts() throws IOException {
        assertThatThrownBy(() -> ask("host-c", FORWARD)).hasMessageContaining("no guest is expected");
        try (TlsConnection connection = ask("host-a", new MigrationRequest(Kind.HANDOFF, VM, 2));
                TlsConnection another = ask("host-a", new MigrationRequest(Kind.KEEPALIVE, VM, 2))) {
            assertThat(firewall.admitted()).isEmpty();
        }
    }

    @Test
    void aHostThatCannotCloseQemusPortsToOthersReceivesNoGuest() {
        firewall.fail(true);

        assertThatThrownBy(() -> ask("host-a", FORWARD))
                .hasMessageContaining("host-b")
                .hasMessageContaining(
                        "it cannot open its migration ports to 127.0.0.1: nft failed: no; check nftables on it");
        assertThat(received).isEmpty();
    }

    @Test
    void aHomeIsAcceptedFromTheExpectedNodeOnly() throws IOException {
        byte[] content = new byte[100_000];
        random.nextBytes(content);
        List<HomeFile> files = List.of(
                new HomeFile("guest-state-1-2.p7m", content), new HomeFile("protection-key-1.p7m", new byte[0]));
        Migration migration = new Migration(VM, 2, peer());

        agent("host-a").sendHome(migration, files);

        assertThat(arrivals.homes).hasSize(2);
        assertThat(arrivals.homes.getFirst().name()).isEqualTo("guest-state-1-2.p7m");
        assertThat(arrivals.homes.getFirst().content()).isEqualTo(content);
        assertThatThrownBy(() -> agent("host-c").sendHome(migration, files))
                .hasMessageContaining("no guest is expected");
        assertThat(arrivals.homes).hasSize(2);
    }

    @Test
    void aSourceReachesLibvirtWithCallsOfAMigration() throws IOException {
        try (TlsConnection connection = ask("host-a", FORWARD)) {
            for (int serial = 0; serial < 1000; serial++) {
                assertThat(isAnswered(connection, serial)).isTrue();
            }
        }
        assertThat(received).hasSize(1000);
    }

    @Test
    void aCompromisedSourceDefinesNoDomain() throws IOException {
        String hostDisk = "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><devices>"
                + "<disk type='block'><source dev='/dev/sda'/></disk></devices>"
                + "<qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>";
        try (TlsConnection connection = ask("host-a", FORWARD)) {
            connection.socket().setSoTimeout(10_000);
            // It begins like a migration.
            assertThat(isAnswered(connection, 0)).isTrue();

            connection
                    .socket()
                    .getOutputStream()
                    .write(Calls.define(1, hostDisk).bytes());

            RpcMessage answer =
                    RpcMessage.read(connection.socket().getInputStream()).orElseThrow();
            assertThat(new String(answer.payload(), UTF_8))
                    .contains("the target node refused the migration: procedure 11 of program 0x20008086");
            connection.socket().getOutputStream().write(Calls.supportsFeature(2).bytes());
            assertThat(readsToItsEnd(connection.socket())).isTrue();
        }
        assertThat(received).as("only the first call").hasSize(1);
    }

    @Test
    void leftIsAcceptedFromTheExpectedNodeOnly() throws IOException {
        assertThatThrownBy(() -> ask("host-c", LEFT)).hasMessageContaining("no guest is expected from host-c");
        assertThat(arrivals.left).isEmpty();

        ask("host-a", LEFT).close();

        assertThat(arrivals.left).containsExactly(VM);
    }

    @Test
    void aGuestIsConfirmedAsTakenOnceItWasResumed() throws IOException {
        MigrationRequest taken = new MigrationRequest(Kind.TAKEN, VM, 2);
        assertThatThrownBy(() -> ask("host-a", taken)).hasMessageContaining("it has not been resumed");
        ask("host-a", LEFT).close();

        ask("host-a", taken).close();
        assertThatThrownBy(() -> ask("host-c", taken)).hasMessageContaining("no guest is expected from host-c");
    }

    @Test
    void leftMayFollowLongAfterTheHandoffConnectionOpened() throws Exception {
        MigrationClient agent =
                new MigrationClient(() -> Optional.of(channel(authority, "host-a")), Duration.ofSeconds(10));
        try (TlsConnection connection = ask("host-a", new MigrationRequest(Kind.HANDOFF, VM, 2))) {
            await().pollDelay(LIMIT.plusSeconds(1)).until(() -> true);
            assertThat(arrivals.left).isEmpty();

            agent.sendLeft(connection);

            assertThat(arrivals.left).containsExactly(VM);
        }
    }

    @Test
    void aKeepAliveStaysOpenForTheExpectedNodeAsLongAsItsGuestIsExpected() throws IOException {
        MigrationRequest keepAlive = new MigrationRequest(Kind.KEEPALIVE, VM, 2);
        assertThatThrownBy(() -> ask("host-c", keepAlive)).hasMessageContaining("no guest is expected from host-c");
        try (TlsConnection connection = ask("host-a", keepAlive)) {
            connection.socket().setSoTimeout(500);
            assertThatThrownBy(() -> connection.socket().getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);

            server.abortIncoming(VM);

            connection.socket().setSoTimeout(10_000);
            assertThat(readsToItsEnd(connection.socket())).isTrue();
        }
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void aHandoffConnectionAloneDoesNotReportLeft() throws IOException {
        ask("host-a", new MigrationRequest(Kind.HANDOFF, VM, 2)).close();
        try (TlsConnection connection = ask("host-a", new MigrationRequest(Kind.HANDOFF, VM, 2))) {
            connection.socket().setSoTimeout(10_000);
            connection.socket().getOutputStream().write("lefT\n".getBytes(US_ASCII));
            assertThat(readsToItsEnd(connection.socket())).isTrue();
        }
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void theAnswerDiscArrivesUnchanged() throws IOException {
        byte[] disc = new byte[400_000];
        random.nextBytes(disc);
        MigrationClient agent =
                new MigrationClient(() -> Optional.of(channel(authority, "host-a")), Duration.ofSeconds(10));

        agent.sendSeed(new Migration(VM, 2, peer()), disc);

        assertThat(seeds.read(VM))
                .hasValueSatisfying(placed -> assertThat(placed).isEqualTo(disc));
        assertThatThrownBy(() -> agent.sendSeed(new Migration(VM, 3, peer()), disc))
                .hasMessageContaining("no guest is expected");
    }

    @Test
    void anOversizedAnswerDiscIsRefused() throws IOException {
        try (TlsConnection connection = ask("host-a", new MigrationRequest(Kind.SEED, VM, 2))) {
            connection.socket().setSoTimeout(10_000);
            connection.socket().getOutputStream().write("2000000000\n".getBytes(US_ASCII));
            assertThat(readsToItsEnd(connection.socket())).isTrue();
        }
        assertThat(seeds.read(VM)).isEmpty();
    }

    @Test
    void anUnexpectedGuestIsRefusedWithTheReason() {
        assertThatThrownBy(() -> ask("host-c", FORWARD))
                .hasMessageContaining("node host-b refused: no no guest is expected from host-c");
        assertThatThrownBy(() -> ask("host-a", new MigrationRequest(Kind.FORWARD, VM, 3)))
                .hasMessageContaining("no guest is expected");
        assertThatThrownBy(() -> ask("host-a", new MigrationRequest(Kind.FORWARD, UUID.randomUUID(), 2)))
                .hasMessageContaining("no guest is expected");
    }

    @Test
    void certificatesOfOtherAuthoritiesOrPurposesAreRefused() {
        assertRefused(channel(authority("trusted-launch-ca"), "host-a"), "another authority's");
        assertRefused(channel(qemu, CertificatePurpose.QEMU, "host-a", NOW), "QEMU's");
        assertRefused(channel(authority, CertificatePurpose.SEALING, "host-a", NOW), "a sealing one");
        assertRefused(
                channel(
                        authority,
                        CertificatePurpose.AGENT,
                        "host-a",
                        NOW.minus(LIFETIME).minusSeconds(1)),
                "an expired one");
        assertRefused(
                channel(authority, CertificatePurpose.AGENT, "host-a", NOW.plus(Duration.ofDays(1))),
                "one of tomorrow");
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void anExpiredCertificateIsRefused() throws IOException {
        NodeChannel client = channel(authority, "host-a");
        own.set(channel(authority, CertificatePurpose.AGENT, "host-b", NOW.plus(LIFETIME)));
        time.set(NOW.plus(LIFETIME).minusSeconds(60));
        ask(client, LEFT).close();

        time.set(NOW.plus(LIFETIME).plusSeconds(60));

        assertThatThrownBy(() -> ask(client, LEFT)).isInstanceOf(IOException.class);
        assertThat(arrivals.left).hasSize(1);
    }

    @Test
    void anAgentSendsNothingToAnotherServerThanTheOneItExpects() {
        own.set(channel(authority, "host-c"));

        assertThatThrownBy(() -> ask("host-a", LEFT)).hasMessageContaining("is of node host-c, not of host-b");
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void aNodeWithoutACertificateAcceptsNoConnection() {
        own.set(null);

        assertThatThrownBy(() -> ask("host-a", LEFT)).isInstanceOf(IOException.class);
    }

    @Test
    void aRenewedCertificateServesTheNextConnection() throws IOException {
        ask("host-a", LEFT).close();
        Instant later = NOW.plus(Duration.ofDays(20));
        own.set(channel(authority, CertificatePurpose.AGENT, "host-b", later));
        time.set(NOW.plus(LIFETIME).plus(Duration.ofDays(1)));

        ask(channel(authority, CertificatePurpose.AGENT, "host-a", later), LEFT).close();

        assertThat(arrivals.left).hasSize(2);
    }

    @Test
    void aPeerWithoutACertificateIsRefused() throws Exception {
        SSLContext anonymous = SSLContext.getInstance("TLSv1.3");
        anonymous.init(null, new TrustManager[] {new Gullible()}, random);
        try (SSLSocket socket = (SSLSocket) anonymous.getSocketFactory().createSocket("127.0.0.1", port())) {
            socket.setSoTimeout(10_000);
            assertThatThrownBy(() -> {
                        socket.getOutputStream()
                                .write("1 left %s 2\n".formatted(VM).getBytes(US_ASCII));
                        Lines.read(socket.getInputStream(), 100);
                    })
                    .isInstanceOf(IOException.class);
        }
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void aConnectionWithoutTlsIsClosed() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("1 left %s 2\n".formatted(VM).getBytes(US_ASCII));
            assertThat(readsToItsEnd(socket)).isTrue();
        }
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void garbageInPlaceOfARequestClosesTheConnection() throws IOException {
        byte[] noise = new byte[4096];
        random.nextBytes(noise);
        byte[] endless = new byte[4096];
        java.util.Arrays.fill(endless, (byte) 'a');
        for (byte[] garbage : List.of(
                noise,
                endless,
                "\n".getBytes(US_ASCII),
                "2 left %s 2\n".formatted(VM).getBytes(US_ASCII),
                "1 left %s -2\n".formatted(VM).getBytes(US_ASCII),
                "1 left %s 99999999999999999999\n".formatted(VM).getBytes(US_ASCII),
                "1 left ../../etc/passwd 2\n".getBytes(US_ASCII))) {
            NodeChannel client = channel(authority, "host-a");
            try (TlsConnection connection = TlsConnection.to(peer(), client.toNode("host-b"))) {
                connection.socket().setSoTimeout(10_000);
                connection.peer(client);
                connection.socket().getOutputStream().write(garbage);
                assertThat(readsToItsEnd(connection.socket())).isTrue();
            }
        }
        assertThat(arrivals.left).isEmpty();
    }

    @Test
    void silentPeersBlockOthersNoLongerThanTheLimit() throws IOException {
        server.close();
        serve(LIMIT);
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                silent.add(new Socket("127.0.0.1", port()));
            }
            await().atMost(LIMIT.multipliedBy(3)).ignoreExceptions().until(() -> {
                ask("host-a", LEFT).close();
                return true;
            });
            for (Socket each : silent) {
                each.setSoTimeout(10_000);
                assertThat(readsToItsEnd(each)).isTrue();
            }
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    @Test
    void aPeerThatSendsByteByByteIsDisconnectedAtTheLimit() throws IOException {
        server.close();
        serve(LIMIT);
        NodeChannel client = channel(authority, "host-a");
        try (TlsConnection connection = TlsConnection.to(peer(), client.toNode("host-b"))) {
            connection.peer(client);
            await("the server to disconnect it")
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> catchThrowable(
                                    () -> connection.socket().getOutputStream().write('1'))
                            instanceof IOException);
        }
    }

    @Test
    void anAbortedConnectionEndsAtOnce() throws IOException {
        try (TlsConnection connection = ask("host-a", FORWARD)) {
            connection.socket().setSoTimeout(10_000);
            assertThat(isAnswered(connection, 0)).isTrue();
            arrivals.over = true;

            server.abortIncoming(VM);

            assertThat(readsToItsEnd(connection.socket())).isTrue();
            assertThatThrownBy(() -> ask("host-a", FORWARD)).hasMessageContaining("no guest is expected");
        }
    }

    private void assertRefused(NodeChannel client, String whose) {
        assertThatThrownBy(() -> ask(client, LEFT)).as(whose).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ask(client, FORWARD)).as(whose).isInstanceOf(IOException.class);
    }

    private MigrationClient agent(String node) {
        return new MigrationClient(() -> Optional.of(channel(authority, node)), Duration.ofSeconds(10));
    }

    private TlsConnection ask(String as, MigrationRequest request) throws IOException {
        return ask(channel(authority, as), request);
    }

    private TlsConnection ask(NodeChannel client, MigrationRequest request) throws IOException {
        return new MigrationClient(() -> Optional.of(client), Duration.ofSeconds(10)).send(peer(), request);
    }

    private Peer peer() {
        return new Peer("host-b", "127.0.0.1", port());
    }

    private int port() {
        return server.port().orElseThrow();
    }

    private static boolean isAnswered(TlsConnection connection, int serial) throws IOException {
        return isAnswered(connection, Calls.supportsFeature(serial));
    }

    private static boolean isAnswered(TlsConnection connection, RpcMessage call) throws IOException {
        connection.socket().getOutputStream().write(call.bytes());
        return RpcMessage.read(connection.socket().getInputStream())
                .filter(answer -> answer.serial() == call.serial() && answer.procedure() == call.procedure())
                .isPresent();
    }

    /** Whether the other side ended the connection, cleanly or not. */
    private static boolean readsToItsEnd(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Answers every call. */
    private void answerAsLibvirt() {
        while (libvirt.isOpen()) {
            try {
                SocketChannel client = libvirt.accept();
                Thread.ofVirtual().start(() -> {
                    Duplex connection = Duplex.of(client);
                    InputStream calls = connection.stream();
                    try (client) {
                        for (Optional<RpcMessage> call = RpcMessage.read(calls);
                                call.isPresent();
                                call = RpcMessage.read(calls)) {
                            received.add(call.get());
                            byte[] reply = Calls.reply(call.get(), new byte[4]).bytes();
                            connection.write(reply, reply.length);
                        }
                    } catch (IOException e) {
                        return;
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private NodeCertificateAuthority authority(String name) {
        return NodeCertificateAuthority.create(name, random, NOW.minus(Duration.ofDays(60)), Duration.ofDays(3650));
    }

    private NodeChannel channel(NodeCertificateAuthority issuer, String node) {
        return channel(issuer, CertificatePurpose.AGENT, node, NOW);
    }

    private NodeChannel channel(
            NodeCertificateAuthority issuer, CertificatePurpose purpose, String node, Instant issued) {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        X509Certificate certificate = issuer.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(node),
                purpose,
                issued,
                LIFETIME,
                random);
        // It verifies others with the real authority, whichever issued its own certificate.
        return new NodeChannel(pair, certificate, authority.verifier(), time::get, random);
    }

    private static final class Gullible implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
