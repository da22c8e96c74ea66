package io.trustedlaunch.agent.migration.rpc;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.trustedlaunch.agent.migration.arrival.Guests;
import io.trustedlaunch.agent.migration.arrival.Recordings;
import java.io.IOException;

/** Run by {@code bin/fuzz}: of any bytes, only messages of a migration pass. */
class MigrationConversationFuzz {
    @FuzzTest
    void anyBytes(byte[] bytes) throws IOException {
        Calls.check(bytes, Guests.shared());
    }

    @FuzzTest
    void changedCalls(byte[] bytes) throws IOException {
        Calls.check(Recordings.changed(Recordings.bytes("disks-9.calls"), bytes), Guests.copied());
    }
}
