package io.trustedlaunch.agent.migration.rpc;

/** The messages by which two libvirts notice that they have lost each other. */
final class KeepAlive {
    private static final int PROGRAM = 0x6b656570;
    private static final int VERSION = 1;
    private static final int PING = 1;
    private static final int PONG = 2;

    private KeepAlive() {}

    static boolean is(RpcMessage message) {
        return message.isOf(PROGRAM, VERSION)
                && (message.procedure() == PING || message.procedure() == PONG)
                && message.type() == RpcMessage.NOTICE
                && message.serial() == 0
                && message.status() == RpcMessage.OK
                && message.payload().length == 0;
    }
}
