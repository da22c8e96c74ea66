package io.trustedlaunch.agent.migration.rpc;

import java.util.Optional;

/**
 * Answers a libvirt with the reason why its call was refused, as its own peer would; it reports the text as the migration's
 * failure.
 */
public final class RefusalReply {
    private static final int OPERATION_DENIED = 29;
    private static final int FROM_RPC = 7;
    private static final int LEVEL_ERROR = 2;

    private RefusalReply() {}

    /**
     * An empty reply to the calls by which a libvirt closes its connection: if they failed, it would report that instead of
     * the refusal. Empty if the message is none of them.
     */
    public static Optional<RpcMessage> toClosing(RpcMessage message) {
        return Procedure.of(message)
                .filter(procedure -> procedure == Procedure.CONNECT_UNREGISTER_CLOSE_CALLBACK
                        || procedure == Procedure.CONNECT_CLOSE)
                .filter(procedure -> message.isCall())
                .map(procedure -> RpcMessageBuilder.builder(message)
                        .type(RpcMessage.REPLY)
                        .payload(new byte[0])
                        .build());
    }

    /** Empty if the message is not a call, so that nothing waits for a reply. */
    public static Optional<RpcMessage> to(RpcMessage call, String reason) {
        if (!call.isCall()) {
            return Optional.empty();
        }
        byte[] error = new XdrWriter()
                .integer(OPERATION_DENIED)
                .integer(FROM_RPC)
                .integer(1)
                .string(reason)
                .integer(LEVEL_ERROR)
                // No domain, no further texts, no numbers, no network.
                .integer(0)
                .integer(0)
                .integer(0)
                .integer(0)
                .integer(0)
                .integer(0)
                .integer(0)
                .bytes();
        return Optional.of(RpcMessageBuilder.builder(call)
                .type(RpcMessage.REPLY)
                .status(RpcMessage.ERROR)
                .payload(error)
                .build());
    }
}
