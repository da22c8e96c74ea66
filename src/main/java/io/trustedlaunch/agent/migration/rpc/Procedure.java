package io.trustedlaunch.agent.migration.rpc;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The procedures that a source's libvirt calls at the target during a peer-to-peer migration. In a migration of libvirt 9 or
 * 11 there are no others.
 */
enum Procedure {
    /** How to authenticate: not at all, because the agent is root. */
    AUTH_LIST(66),
    CONNECT_OPEN(1),
    CONNECT_CLOSE(2),
    CONNECT_SUPPORTS_FEATURE(60),
    CONNECT_REGISTER_CLOSE_CALLBACK(360),
    CONNECT_UNREGISTER_CLOSE_CALLBACK(361),
    DOMAIN_MIGRATE_PREPARE3_PARAMS(303),
    DOMAIN_MIGRATE_FINISH3_PARAMS(306);

    static final int PROGRAM = 0x20008086;
    static final int VERSION = 1;

    private final int number;

    Procedure(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static Optional<Procedure> of(RpcMessage message) {
        return Stream.of(values())
                .filter(procedure -> message.isOf(PROGRAM, VERSION) && message.procedure() == procedure.number)
                .findFirst();
    }
}
