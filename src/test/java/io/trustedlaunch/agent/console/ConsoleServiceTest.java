package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.hypervisor.FakeConsole;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.session.SessionServer;
import io.trustedlaunch.agent.session.Sessions;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.SessionKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which clients get a guest's console, and how a session ends, over real sockets. */
class ConsoleServiceTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final String ONE = "finance/one";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(30);
    private static final int TIMEOUT_MILLIS = 10_000;

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.fixed(NOW);
    private final NodeCertificateAuthority authority = NodeCertificateAuthority.create(
            PublishedAuthority.NODES, random, NOW.minus(LIFETIME), LIFETIME.multipliedBy(20));
    /** By their IDs. */
    private final Map<String, ConsoleSession> sessions = new ConcurrentHashMap<>();

    private final List<FakeConsole> consoles = new CopyOnWriteArrayList<>();
    private final List<String> audited = new CopyOnWriteArrayList<>();
    private final List<UUID> guests = new CopyOnWriteArrayList<>();
    private volatile boolean guestIsHere = true;
    private final NodeChannel own = channel("host-b");
    private final ConsoleService consoleService =
            new ConsoleService(new Granted(), this::console, Duration.ofSeconds(2), new AuditLog(clock, audited::add));
    private final SessionServer server =
            new SessionServer(() -> Optional.of(own), List.of(consoleService), Duration.ofSeconds(2));
    private final SessionKey key = SessionKey.generate(clock, random);

    private GuestConsole console(ConsoleSession session) {
        if (!guestIsHere) {
            throw new HypervisorException(new HypervisorFailure.DomainMissing(session.vm()));
        }
        guests.add(session.vm());
        FakeConsole console = new FakeConsole();
        if (!consoles.isEmpty()) {
            consoles.getLast().close();
        }
        consoles.add(console);
        return console;
    }

    @BeforeEach
    void open() {
        server.open(() -> Optional.of(InetAddress.getLoopbackAddress()), 0, () -> {});
        await().until(() -> server.port().isPresent());
        grant(key, ONE);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void inputReachesTheGuestAndOutputReachesTheClient() throws IOException {
        try (SSLSocket client = enter(key)) {
            client.getOutputStream().write("uname\r".getBytes(US_ASCII));
            await().until(() -> consoles.getFirst().typed().equals("uname\r"));
            consoles.getFirst().guestWrites("Linux\r\n");

            assertThat(output(client, 7)).isEqualTo("Linux\r\n");
        }
        await("the console to be given back").until(() -> consoles.getFirst().isClosed());
    }

    @Test
    void aSessionIsOnRecordWhenItOpensAndWhenItCloses() throws IOException {
        String about = "\"outcome\":\"Success\",\"kind\":\"VMConsole\",\"namespace\":\"finance\",\"name\":\"one\","
                + "\"uid\":\"" + id(ONE) + "\",\"vm\":\"" + VM + "\",\"node\":\"host-b\",\"epoch\":2,"
                + "\"requestedBy\":\"ada\",\"publicKey\":\"" + key.fingerprint()
                + "\",\"consoleKind\":\"Serial\"}";
        try (SSLSocket client = enter(key)) {
            assertThat(audited)
                    .containsExactly("{\"audit\":true,\"time\":\"" + NOW + "\",\"act\":\"ConsoleOpened\"," + about);
        }
        await().until(() -> audited.size() == 2);
        assertThat(audited.getLast())
                .isEqualTo("{\"audit\":true,\"time\":\"" + NOW + "\",\"act\":\"ConsoleClosed\"," + about);
    }

    @Test
    void aClientThatGetsNoConsoleIsNotOnRecord() throws IOException {
        guestIsHere = false;
        try (SSLSocket client = socket(key.toNode(authority.verifier(), "host-b"))) {
            SessionKey.name(client, id(ONE));
            assertThat(Frames.read(client.getInputStream())).isInstanceOf(Frame.Away.class);
        }
        assertThatThrownBy(() -> enter(SessionKey.generate(clock, random))).isInstanceOf(IOException.class);
        assertThat(audited).isEmpty();
    }

    @Test
    void aKeyWithoutASessionFailsTheHandshake() {
        assertThatThrownBy(() -> enter(SessionKey.generate(clock, random))).isInstanceOf(IOException.class);
        assertThat(consoles).isEmpty();
    }

    /** The attacker sees a VMConsole, and creates another one with the same key in a namespace of his own. */
    @Test
    void anotherSessionWithTheSameKeyNeitherLocksItsOwnerOutNorGetsItsInput() throws IOException {
        UUID attackers = UUID.fromString("00000000-0000-4000-8000-000000000000");
        try (SSLSocket open = enter(key)) {
            grant(key, "mallory/a", attackers, 1);
            grant(key, "mallory/z", attackers, 1);
            consoleService.checkSessions();
            open.getOutputStream().write("ls".getBytes(US_ASCII));
            await().until(() -> consoles.getFirst().typed().equals("ls"));
        }
        await().until(() -> consoles.getFirst().isClosed());
        try (SSLSocket again = enter(key)) {
            assertThat(guests).containsExactly(VM, VM);
        }
    }

    @Test
    void aKeyOpensNoOtherSessionThanItsOwn() {
        grant(SessionKey.generate(clock, random), "finance/two");

        assertThatThrownBy(() -> enter(key, "finance/two")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> enter(key, "finance/none")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> {
                    try (SSLSocket unnamed = socket(key.toNode(authority.verifier(), "host-b"))) {
                        Frames.read(unnamed.getInputStream());
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(consoles).isEmpty();
    }

    @Test
    void anAgentsCertificateIsRefused() {
        assertThatThrownBy(() -> {
                    try (SSLSocket socket = socket(channel("host-a").toNode("host-b"))) {
                        Frames.read(socket.getInputStream());
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(consoles).isEmpty();
    }

    @Test
    void anEndedSessionRefusesNewClientsAndDisconnectsTheOpenOne() throws IOException {
        try (SSLSocket client = enter(key)) {
            sessions.clear();
            consoleService.checkSessions();

            assertThat(Frames.read(client.getInputStream())).isInstanceOf(Frame.Away.class);
            assertThat(isAtItsEnd(client)).isTrue();
        }
        await().until(() -> consoles.getFirst().isClosed());
        assertThatThrownBy(() -> enter(key)).isInstanceOf(IOException.class);
    }

    @Test
    void aSessionThatNowNamesAnotherIncarnationDisconnectsItsClient() throws IOException {
        try (SSLSocket client = enter(key)) {
            grant(key, ONE, 3);
            consoleService.checkSessions();

            assertThat(Frames.read(client.getInputStream())).isInstanceOf(Frame.Away.class);
        }
    }

    @Test
    void aLaterSessionTakesOverAndTheFormerOneIsGivenItsName() throws IOException {
        SessionKey later = SessionKey.generate(clock, random);
        grant(later, "finance/two");
        try (SSLSocket former = enter(key);
                SSLSocket client = enter(later, "finance/two")) {
            assertThat(Frames.read(former.getInputStream()))
                    .isEqualTo(new Frame.Ended("session finance/two took over the console"));

            consoles.getLast().guestWrites("hello");
            assertThat(output(client, 5)).isEqualTo("hello");
        }
    }

    @Test
    void theEndOfAGuestIsReportedAfterItsLastOutput() throws IOException {
        try (SSLSocket client = enter(key)) {
            consoles.getFirst().guestWrites("reboot: Power down");
            consoles.getFirst().end();

            assertThat(output(client, 18)).isEqualTo("reboot: Power down");
            assertThat(Frames.read(client.getInputStream())).isInstanceOf(Frame.Away.class);
        }
    }

    @Test
    void aGuestThatRunsElsewhereIsReported() throws IOException {
        guestIsHere = false;
        try (SSLSocket client = socket(key.toNode(authority.verifier(), "host-b"))) {
            SessionKey.name(client, id(ONE));
            assertThat(Frames.read(client.getInputStream()))
                    .isInstanceOfSatisfying(
                            Frame.Away.class, away -> assertThat(away.why()).contains(VM.toString()));
        }
    }

    @Test
    void aClientThatReadsNothingDoesNotBlockTheGuest() throws IOException {
        try (SSLSocket client = enter(key)) {
            String line = "x".repeat(8000);
            for (int i = 0; i < 2000; i++) {
                consoles.getFirst().guestWrites(line);
            }
            await().until(() -> consoles.getFirst().isRead());

            sessions.clear();
            consoleService.checkSessions();
            await("the blocked client to be disconnected")
                    .until(() -> consoles.getFirst().isClosed());
        }
    }

    @Test
    void aClientSendsNothingToAnotherNodesAgent() {
        assertThatThrownBy(() -> {
                    try (SSLSocket socket = socket(key.toNode(authority.verifier(), "host-c"))) {
                        Frames.read(socket.getInputStream());
                    }
                })
                .hasMessageContaining("is of node host-b, not of host-c");
        assertThat(consoles).isEmpty();
    }

    @Test
    void aConnectionWithoutTlsIsClosed() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write("uname\r".repeat(100).getBytes(US_ASCII));
            assertThat(isAtItsEnd(socket)).isTrue();
        }
        assertThat(consoles).isEmpty();
    }

    private void grant(SessionKey to, String name) {
        grant(to, name, 2);
    }

    private void grant(SessionKey to, String name, long epoch) {
        grant(to, name, VM, epoch);
    }

    private void grant(SessionKey to, String name, UUID vm, long epoch) {
        sessions.put(
                id(name),
                ConsoleSessionBuilder.builder()
                        .object(new AuditedObject(
                                "VMConsole", Optional.of(name.split("/")[0]), name.split("/")[1], id(name)))
                        .requestedBy("ada")
                        .node("host-b")
                        .clientKey(to.fingerprint())
                        .vm(vm)
                        .kind(ConsoleKind.Serial)
                        .epoch(epoch)
                        .createdAt(NOW)
                        .expiresAt(NOW.plusSeconds(3600))
                        .build());
    }

    private static String id(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(US_ASCII)).toString();
    }

    private SSLSocket enter(SessionKey as) throws IOException {
        return enter(as, ONE);
    }

    private SSLSocket enter(SessionKey as, String session) throws IOException {
        SSLSocket socket = socket(as.toNode(authority.verifier(), "host-b"));
        SessionKey.name(socket, id(session));
        try {
            assertThat(Frames.read(socket.getInputStream())).isEqualTo(new Frame.Opened());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private SSLSocket socket(SSLContext context) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private static String output(SSLSocket client, int length) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.length() < length) {
            read.append(new String(((Frame.Output) Frames.read(client.getInputStream())).bytes(), US_ASCII));
        }
        return read.toString();
    }

    private static boolean isAtItsEnd(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private int port() {
        return server.port().orElseThrow();
    }

    private NodeChannel channel(String nodeName) {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        X509Certificate certificate = authority.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(nodeName),
                CertificatePurpose.AGENT,
                NOW,
                LIFETIME,
                random);
        return new NodeChannel(pair, certificate, authority.verifier(), clock, random);
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
