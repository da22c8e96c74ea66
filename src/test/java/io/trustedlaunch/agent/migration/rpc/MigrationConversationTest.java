package io.trustedlaunch.agent.migration.rpc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.migration.arrival.ArrivalExpectation;
import io.trustedlaunch.agent.migration.arrival.Guests;
import io.trustedlaunch.agent.migration.arrival.Recordings;
import io.trustedlaunch.api.image.OsType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With connections that were recorded while guests migrated. */
class MigrationConversationTest {
    private static final int FLAGS = 0x10223;
    private static final int UNSIGNED_HYPER = 4;
    private static final int STRING = 7;
    private static final String URI = "tcp://10.213.1.12";

    private final MigrationConversation conversation = new MigrationConversation(Guests.shared());

    private record Recorded(String calls, String replies, ArrivalExpectation guest) {}

    static Stream<Recorded> migrations() {
        return Stream.of(
                new Recorded("shared-9.calls", "shared-9.replies", Guests.shared()),
                new Recorded("disks-9.calls", "disks-9.replies", Guests.copied()));
    }

    @ParameterizedTest
    @MethodSource("migrations")
    void aWholeMigrationPasses(Recorded recorded) throws IOException {
        MigrationConversation whole = new MigrationConversation(recorded.guest());
        List<RpcMessage> calls = Calls.of(Recordings.bytes(recorded.calls()));
        List<RpcMessage> replies = Calls.of(Recordings.bytes(recorded.replies()));
        assertThat(calls).hasSizeGreaterThan(10);

        for (RpcMessage call : calls) {
            whole.require(call);
            for (RpcMessage reply : replies) {
                if (call.isCall() && reply.isReply() && reply.serial() == call.serial()) {
                    whole.requireReply(reply);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://10.213.1.12:49151", "tcp://10.213.1.12:49216", "tcp://10.213.1.12", ""})
    void aPortThatTheAgentDoesNotGuardIsRefused(String uri) throws IOException {
        RpcMessage preparation = Calls.of(Recordings.bytes("shared-9.calls")).stream()
                .filter(call -> call.procedure() == Procedure.DOMAIN_MIGRATE_PREPARE3_PARAMS.number())
                .findFirst()
                .orElseThrow();
        conversation.require(preparation);
        // No cookie.
        byte[] reply = new XdrWriter().integer(0).integer(1).string(uri).bytes();

        assertThatThrownBy(() -> conversation.requireReply(Calls.reply(preparation, reply)))
                .isInstanceOf(RpcRefusedException.class)
                .hasMessageContaining("remove migration_port_min and migration_port_max");
    }

    @Test
    void thePreparationOfLibvirt11Passes() throws IOException {
        MigrationConversation another = new MigrationConversation(Guests.unfiltered(OsType.Linux));

        List<RpcMessage> calls = Calls.of(Recordings.bytes("preparation-11.calls"));
        for (RpcMessage call : calls.subList(0, calls.size() - 1)) {
            another.require(call);
            another.requireReply(Calls.reply(call, new byte[0]));
        }
        another.require(calls.getLast());
    }

    @Test
    void messagesAreReadAndWrittenUnchanged() throws IOException {
        byte[] recorded = Recordings.bytes("shared-9.calls");
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        for (RpcMessage message : Calls.of(recorded)) {
            written.writeBytes(message.bytes());
        }

        assertThat(written.toByteArray()).isEqualTo(recorded);
    }

    /** DOMAIN_CREATE, DEFINE_XML, OPEN_CONSOLE, MIGRATE_PERFORM3, _PREPARE, _PREPARE_TUNNEL3_PARAMS, _CONFIRM3_PARAMS … */
    @ParameterizedTest
    @ValueSource(
            ints = {0, 3, 7, 9, 10, 11, 12, 61, 70, 108, 110, 148, 201, 214, 215, 216, 217, 304, 305, 307, 419, -1})
    void anotherProcedureIsRefusedByItsNumber(int procedure) {
        assertThatThrownBy(() -> conversation.require(Calls.call(procedure, 0, new byte[0])))
                .isInstanceOf(RpcRefusedException.class)
                .hasMessageContaining("procedure " + Integer.toUnsignedString(procedure) + " of program 0x20008086")
                .hasMessageContaining("is not part of a migration");
    }

    @Test
    void otherProgramsVersionsAndKindsOfMessagesAreRefused() {
        RpcMessage call = Calls.supportsFeature(0);
        // The program for QEMU's monitor and the one for LXC.
        for (int program : List.of(0x20008087, 0x20008088, 0x6b656570)) {
            refused(RpcMessageBuilder.builder(call).program(program).build());
        }
        refused(RpcMessageBuilder.builder(call).version(2).build());
        for (int type : List.of(1, 2, 3, 4, 5, 6, -1)) {
            refused(RpcMessageBuilder.builder(call).type(type).build());
        }
        refused(RpcMessageBuilder.builder(call).status(1).build());
    }

    @Test
    void keepAliveMessagesPassInBothDirectionsAndCarryNothing() throws IOException {
        RpcMessage ping = Calls.of(Recordings.bytes("disks-9.calls")).stream()
                .filter(KeepAlive::is)
                .findFirst()
                .orElseThrow();
        conversation.require(ping);
        conversation.requireReply(ping);

        refused(RpcMessageBuilder.builder(ping).payload(new byte[4]).build());
        refused(RpcMessageBuilder.builder(ping).procedure(3).build());
    }

    @Test
    void onlyTheSystemConnectionIsOpened() {
        for (String uri : List.of("qemu:///session", "test:///default", "qemu:///embed?root=/", "xen:///system")) {
            byte[] open = new XdrWriter().integer(1).string(uri).integer(0).bytes();
            assertThatThrownBy(() -> conversation.require(Calls.call(1, 0, open)))
                    .hasMessageContaining("CONNECT_OPEN: only a connection to qemu:///system");
        }
    }

    @Test
    void argumentsThatDoNotEndWithTheirProcedureAreRefused() {
        refused(Calls.call(Procedure.AUTH_LIST.number(), 0, new byte[4]));
        refused(Calls.call(Procedure.CONNECT_SUPPORTS_FEATURE.number(), 0, new byte[8]));
        refused(Calls.call(Procedure.CONNECT_SUPPORTS_FEATURE.number(), 0, new byte[3]));
    }

    @Test
    void anotherFlagIsRefused() {
        for (int flag = 0; flag < 32; flag++) {
            int changed = FLAGS ^ 1 << flag;
            assertThatThrownBy(() -> conversation.require(prepare(parameters(URI, domain()), 2, cookie(), changed)))
                    .hasMessageContaining("DOMAIN_MIGRATE_PREPARE3_PARAMS: its flags are 0x%x, not 0x10223", changed);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "persistent_xml",
                "graphics_uri",
                "listen_address",
                "disks_uri",
                "migrate_disks",
                "tls.destination",
                "compression",
                "made.up"
            })
    void anotherParameterIsRefusedByName(String name) {
        XdrWriter parameters =
                parameters(URI, domain()).string(name).integer(STRING).string("x");

        assertThatThrownBy(() -> conversation.require(prepare(parameters, 3, cookie(), FLAGS)))
                .hasMessageContaining("parameter \"" + name + "\" is not expected");
    }

    @Test
    void aParameterOfAnotherTypeOrThereTwiceIsRefused() {
        XdrWriter number = new XdrWriter()
                .string("destination_xml")
                .integer(UNSIGNED_HYPER)
                .hyper(1);
        assertThatThrownBy(() -> conversation.require(prepare(number, 1, cookie(), FLAGS)))
                .hasMessageContaining("parameter \"destination_xml\" is of type 4");

        XdrWriter twice =
                parameters(URI, domain()).string("migrate_uri").integer(STRING).string("unix:/x");
        assertThatThrownBy(() -> conversation.require(prepare(twice, 3, cookie(), FLAGS)))
                .hasMessageContaining("parameter \"migrate_uri\" is there twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unix:/etc/cron.d/x",
                "tcp://10.213.1.11",
                "tcp://10.213.1.12:22",
                "rdma://10.213.1.12",
                "tcp://10.213.1.12/x",
                "tcp:10.213.1.12",
                ""
            })
    void anotherUriThanThisNodesIsRefused(String uri) {
        assertThatThrownBy(() -> conversation.require(prepare(parameters(uri, domain()), 2, cookie(), FLAGS)))
                .hasMessageContaining("the URI of the migration is not tcp://10.213.1.12");
    }

    @Test
    void anotherNameIsRefused() {
        XdrWriter parameters = parameters(URI, domain())
                .string("destination_name")
                .integer(STRING)
                .string("web");

        assertThatThrownBy(() -> conversation.require(prepare(parameters, 3, cookie(), FLAGS)))
                .hasMessageContaining("the domain's name is not " + Guests.SHARED);
    }

    @Test
    void aForeignDomainOrCookieIsRefusedByWhatIsForeign() {
        String foreign = domain().replace("</devices>", "<hostdev mode='subsystem'/></devices>");
        assertThatThrownBy(() -> conversation.require(prepare(parameters(URI, foreign), 2, cookie(), FLAGS)))
                .hasMessageContaining("DOMAIN_MIGRATE_PREPARE3_PARAMS: element domain/devices/hostdev is not expected");
        assertThatThrownBy(() -> conversation.require(prepare(
                        parameters(URI, domain()), 2, cookie().replace("<feature", "<domain/><feature"), FLAGS)))
                .hasMessageContaining("element qemu-migration/domain is not expected");
        assertThatThrownBy(() ->
                        conversation.require(prepare(parameters(URI, domain() + '\0' + foreign), 2, cookie(), FLAGS)))
                .hasMessageContaining("a text contains a zero byte");
    }

    @Test
    void aMigrationIsPreparedOnceAndEndsAsItWasPrepared() throws IOException {
        List<RpcMessage> calls = Calls.of(Recordings.bytes("shared-9.calls"));
        RpcMessage prepare = calls.get(calls.size() - 2);
        RpcMessage finish = calls.getLast();
        assertThatThrownBy(() -> conversation.require(finish)).hasMessageContaining("not the one that was prepared");

        conversation.require(prepare);
        assertThatThrownBy(() -> conversation.require(prepare)).hasMessageContaining("prepared already");
        byte[] other = new String(finish.payload(), ISO_8859_1)
                .replace("<vcpu placement='static'>1<", "<vcpu placement='static'>2<")
                .getBytes(ISO_8859_1);
        assertThatThrownBy(() -> conversation.require(
                        RpcMessageBuilder.builder(finish).payload(other).build()))
                .hasMessageContaining("not the one that was prepared");
        conversation.require(finish);
    }

    @Test
    void aReplyAnswersACallOfItsProcedureOnce() throws IOException {
        RpcMessage call = Calls.supportsFeature(7);
        RpcMessage reply = Calls.reply(call, new byte[4]);
        assertThatThrownBy(() -> conversation.requireReply(reply)).hasMessageContaining("answers no call");

        conversation.require(call);
        assertThatThrownBy(() -> conversation.requireReply(
                        RpcMessageBuilder.builder(reply).procedure(66).build()))
                .hasMessageContaining("answers no call");
        conversation.requireReply(reply);
        assertThatThrownBy(() -> conversation.requireReply(reply)).hasMessageContaining("answers no call");
    }

    @Test
    void aSourceThatDoesNotWaitForRepliesIsRefused() throws IOException {
        for (int serial = 0; serial < 8; serial++) {
            conversation.require(Calls.supportsFeature(serial));
        }
        assertThatThrownBy(() -> conversation.require(Calls.supportsFeature(8)))
                .hasMessageContaining("too many calls are unanswered");
    }

    @Test
    void aMessageOfAnImpossibleLengthIsRefusedBeforeItIsRead() {
        for (byte[] length : List.of(
                new byte[] {0, 0, 0, 27}, new byte[] {0x7f, -1, -1, -1}, new byte[] {-1, -1, -1, -1}, new byte[4])) {
            assertThatThrownBy(() -> RpcMessage.read(new ByteArrayInputStream(length)))
                    .isInstanceOf(RpcRefusedException.class)
                    .hasMessageContaining("bytes is not of libvirt's RPC");
        }
        assertThatThrownBy(() -> RpcMessage.read(new ByteArrayInputStream(new byte[] {0, 0, 0, 28, 1})))
                .isInstanceOf(EOFException.class);
    }

    /** A short, fixed part of what {@code bin/fuzz} tries. */
    @Test
    void ofChangedCallsOnlyThoseOfAMigrationPass() throws IOException {
        Random random = new Random(42);
        byte[] recorded = Recordings.bytes("disks-9.calls");
        for (int i = 0; i < 3000; i++) {
            byte[] changes = new byte[random.nextInt(24)];
            random.nextBytes(changes);
            Calls.check(Recordings.changed(recorded, changes), Guests.copied());
        }
    }

    private void refused(RpcMessage message) {
        assertThatThrownBy(() -> conversation.require(message)).isInstanceOf(RpcRefusedException.class);
    }

    private static XdrWriter parameters(String uri, String domain) {
        return new XdrWriter()
                .string("destination_xml")
                .integer(STRING)
                .string(domain)
                .string("migrate_uri")
                .integer(STRING)
                .string(uri);
    }

    private static RpcMessage prepare(XdrWriter parameters, int count, String cookie, int flags) {
        ByteArrayOutputStream arguments = new ByteArrayOutputStream();
        arguments.writeBytes(new XdrWriter().integer(count).bytes());
        arguments.writeBytes(parameters.bytes());
        arguments.writeBytes(new XdrWriter()
                .opaque((cookie + '\0').getBytes(UTF_8))
                .integer(flags)
                .bytes());
        return Calls.call(Procedure.DOMAIN_MIGRATE_PREPARE3_PARAMS.number(), 1, arguments.toByteArray());
    }

    private static String domain() {
        return part("<domain ", "</domain>");
    }

    private static String cookie() {
        return part("<qemu-migration>", "</qemu-migration>");
    }

    /** Of the recorded preparation. */
    private static String part(String begin, String end) {
        String recorded = new String(Recordings.bytes("shared-9.calls"), UTF_8);
        return recorded.substring(recorded.indexOf(begin), recorded.indexOf(end) + end.length());
    }
}
