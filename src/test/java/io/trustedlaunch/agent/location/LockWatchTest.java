package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LockWatchTest {
    private static final String T1 = "1".repeat(32);
    private static final String T2 = "2".repeat(32);
    private static final BeaconFolder FOLDER = new BeaconFolder(Path.of("/srv/vms"));

    private final FakeFileLocks server = new FakeFileLocks();
    private final LockWatch b = new LockWatch(FOLDER, server);
    private final LockWatch a = new LockWatch(FOLDER, server);

    @Test
    void aLockOfAnotherHostIsSeen() {
        b.hold("b");
        assertThat(seen(new Beacon("b", T1, 1))).containsExactly(new Peer("b", T1, true));
    }

    /** Its agent may have ended right after it wrote its beacon. */
    @Test
    void aLockThatIsNotSeenOnceIsNotMissingYet() {
        assertThat(seen(new Beacon("b", T1, 1))).containsExactly(new Peer("b", T1));
        assertThat(seen(new Beacon("b", T1, 1))).as("no other beacon").containsExactly(new Peer("b", T1));
        assertThat(seen(new Beacon("b", T1, 2))).containsExactly(new Peer("b", T1, false));
    }

    @Test
    void aLockThatWasSeenCountsUntilItIsMissing() {
        b.hold("b");
        seen(new Beacon("b", T1, 1));
        b.close();
        assertThat(seen(new Beacon("b", T1, 2))).containsExactly(new Peer("b", T1, true));
        assertThat(seen(new Beacon("b", T1, 3))).containsExactly(new Peer("b", T1, false));

        b.hold("b");
        assertThat(seen(new Beacon("b", T1, 4))).containsExactly(new Peer("b", T1, true));
    }

    @Test
    void anotherAgentsLockIsTestedAnew() {
        seen(new Beacon("b", T1, 1));
        assertThat(seen(new Beacon("b", T2, 2))).containsExactly(new Peer("b", T2));
        assertThat(seen()).isEmpty();
        assertThat(seen(new Beacon("b", T2, 3))).containsExactly(new Peer("b", T2));
    }

    /** A file server may drop a lock, for example after a partition. */
    @Test
    void theOwnLockIsTakenAnewWithEachBeacon() {
        b.hold("b");
        server.held.clear();
        b.hold("b");
        assertThat(seen(new Beacon("b", T1, 1))).containsExactly(new Peer("b", T1, true));
        b.close();
        assertThat(server.held).isEmpty();
    }

    @Test
    void aFileSystemWithoutLocksShowsNone() {
        server.fails = true;
        b.hold("b");
        seen(new Beacon("b", T1, 1));
        assertThat(seen(new Beacon("b", T1, 2))).containsExactly(new Peer("b", T1, false));
    }

    private List<Peer> seen(Beacon... neighbours) {
        return a.peers(List.of(neighbours));
    }

    private static final class FakeFileLocks implements FileLocks {
        private final Map<Held, Path> held = new HashMap<>();
        private boolean fails;

        @Override
        public Held hold(Path file) throws IOException {
            throwIfFailing();
            Held lock = new Held() {
                @Override
                public void close() {
                    held.remove(this);
                }
            };
            held.put(lock, file);
            return lock;
        }

        @Override
        public boolean isHeld(Path file) throws IOException {
            throwIfFailing();
            return held.containsValue(file);
        }

        private void throwIfFailing() throws IOException {
            if (fails) {
                throw new IOException("No locks available");
            }
        }
    }
}
