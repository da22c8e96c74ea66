package io.trustedlaunch.agent.migration.rpc;

/** The flags of a migration: exactly those with which an agent asks for it, less those that only concern the source. */
final class MigrationFlags {
    private static final int LIVE = 1;
    private static final int PEER2PEER = 1 << 1;
    /** The target lets the guest run only after the handover. */
    private static final int PAUSED = 1 << 5;

    private static final int UNSAFE = 1 << 9;
    private static final int TLS = 1 << 16;
    private static final int NON_SHARED_DISK = 1 << 6;
    private static final int NON_SHARED_SYNCHRONOUS_WRITES = 1 << 18;

    private MigrationFlags() {}

    static void require(int flags, boolean copiesDisks) throws RpcRefusedException {
        int expected = LIVE | PEER2PEER | PAUSED | UNSAFE | TLS;
        if (copiesDisks) {
            expected |= NON_SHARED_DISK | NON_SHARED_SYNCHRONOUS_WRITES;
        }
        if (flags != expected) {
            throw new RpcRefusedException("its flags are 0x%x, not 0x%x".formatted(flags, expected));
        }
    }
}
