package io.trustedlaunch.agent.migration.rpc;

import io.trustedlaunch.agent.migration.arrival.ArrivalExpectation;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Messages of libvirt's RPC, for tests. */
public final class Calls {
    public static final int DOMAIN_DEFINE_XML = 11;

    private Calls() {}

    public static List<RpcMessage> of(byte[] bytes) throws IOException {
        List<RpcMessage> messages = new ArrayList<>();
        ByteArrayInputStream stream = new ByteArrayInputStream(bytes);
        for (Optional<RpcMessage> next = RpcMessage.read(stream); next.isPresent(); next = RpcMessage.read(stream)) {
            messages.add(next.get());
        }
        return messages;
    }

    /** A call of the remote program. */
    public static RpcMessage call(int procedure, int serial, byte[] payload) {
        return RpcMessageBuilder.builder()
                .program(Procedure.PROGRAM)
                .version(Procedure.VERSION)
                .procedure(procedure)
                .type(RpcMessage.CALL)
                .serial(serial)
                .status(RpcMessage.OK)
                .payload(payload)
                .build();
    }

    /** Defines a domain on the host: what a compromised source would like to do. */
    public static RpcMessage define(int serial, String xml) {
        return call(DOMAIN_DEFINE_XML, serial, new XdrWriter().string(xml).bytes());
    }

    public static RpcMessage supportsFeature(int serial) {
        return call(
                Procedure.CONNECT_SUPPORTS_FEATURE.number(),
                serial,
                new XdrWriter().integer(10).bytes());
    }

    public static RpcMessage close(int serial) {
        return call(Procedure.CONNECT_CLOSE.number(), serial, new byte[0]);
    }

    public static RpcMessage reply(RpcMessage call, byte[] payload) {
        return RpcMessageBuilder.builder(call)
                .type(RpcMessage.REPLY)
                .payload(payload)
                .build();
    }

    /** What must hold for any bytes from a source: all messages are of a migration, or one is refused. */
    static void check(byte[] bytes, ArrivalExpectation guest) throws IOException {
        MigrationConversation conversation = new MigrationConversation(guest);
        try {
            for (RpcMessage message : of(bytes)) {
                conversation.require(message);
                if (Procedure.of(message).isEmpty() && !KeepAlive.is(message)) {
                    throw new AssertionError(message + " passed");
                }
            }
        } catch (RpcRefusedException | EOFException e) {
            if (e.getMessage().isEmpty() || e.getMessage().length() > 2000) {
                throw new AssertionError("no reason that can be shown", e);
            }
        }
    }
}
