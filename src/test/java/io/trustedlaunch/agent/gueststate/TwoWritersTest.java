package io.trustedlaunch.agent.gueststate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.testkit.Claimants;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent that stands still before any call to the file system, or halfway through a write, and goes on after another one has
 * sealed a newer state, does not change the state that readers take.
 */
class TwoWritersTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final String EK = "e".repeat(64);
    private static final String SLEEPERS_NODE = "host-a";

    /** More than the calls of opening a line and publishing, so that in the last cases the sleeper does not stand still. */
    private static final int CALLS = 14;

    /** With one newer state the sleeper's name is taken; with four it was used and pruned. */
    private static final int FEW = 1;

    private static final int MANY = 4;
    private static final int CASES = 2 * CALLS;

    private static int call(int number) {
        return (number + 1) / 2;
    }

    private static int newer(int number) {
        return number % 2 == 0 ? FEW : MANY;
    }

    @TempDir
    private Path root;

    @Test
    void anEarlierIncarnationThanOneElsewhere() throws Exception {
        assertThatNothingNewerIsLost("host-b", 2);
    }

    @Test
    void anEarlierIncarnationThanThatOfTheNextAgent() throws Exception {
        assertThatNothingNewerIsLost(SLEEPERS_NODE, 2);
    }

    @Test
    void theSameIncarnationAsTheNextAgent() throws Exception {
        assertThatNothingNewerIsLost(SLEEPERS_NODE, 1);
    }

    private void assertThatNothingNewerIsLost(String otherNode, long otherEpoch) throws Exception {
        for (int number = 1; number <= CASES; number++) {
            Path folder = Files.createDirectory(folder(number));
            for (int generation = 1; generation <= 3; generation++) {
                seal(folder, SLEEPERS_NODE, 1, "before " + generation);
            }
            write(folder, "what the sleeper sees");
        }
        Process sleeper = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Sleeper.class.getName(),
                        root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int stops = 0;
        try (BufferedReader output = sleeper.inputReader();
                BufferedWriter input = sleeper.outputWriter()) {
            for (int number = 1; number <= CASES; number++) {
                String line = output.readLine();
                if (!"sleeps".equals(line)) {
                    assertThat(line).startsWith("ended");
                    continue;
                }
                stops++;
                for (int state = 1; state <= newer(number); state++) {
                    seal(folder(number), otherNode, otherEpoch, "newer " + state);
                }
                GuestState taken = taken(folder(number));
                Map<GuestStateVersion, byte[]> before = files(folder(number), otherEpoch);

                input.newLine();
                input.flush();
                assertThat(output.readLine()).as("case %d", number).startsWith("ended");

                GuestState takenThen = taken(folder(number));
                assertThat(text(takenThen)).as("case %d", number).isEqualTo("newer " + newer(number));
                assertThat(takenThen.version()).as("case %d", number).isEqualTo(taken.version());
                assertThat(files(folder(number), otherEpoch))
                        .as("case %d", number)
                        .containsAllEntriesOf(before);
            }
        } finally {
            sleeper.destroyForcibly();
        }
        assertThat(stops).isBetween(2 * 9, CASES - 2);
        assertThat(sleeper.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    private Path folder(int number) {
        return root.resolve(Integer.toString(number));
    }

    /** The agent that is stopped, in one home after the other, each time one call later. */
    static final class Sleeper {
        private Sleeper() {}

        public static void main(String[] arguments) throws IOException {
            for (int number = 1; number <= CASES; number++) {
                Path folder = Path.of(arguments[0], Integer.toString(number));
                System.out.println("ended " + seal(folder, new SleepyFiles(new DiskHomeFiles(folder), call(number))));
            }
        }

        private static String seal(Path folder, HomeFiles files) {
            try (GuestStateSealer line = line(1, new Home(files, SLEEPERS_NODE, UUID::randomUUID, Failpoints.none()))) {
                return line.seal(() -> read(folder)).toString();
            } catch (IOException e) {
                return e.toString();
            }
        }
    }

    /** Stands still once: halfway through a write, or before any other call. */
    private static final class SleepyFiles implements HomeFiles {
        private final DiskHomeFiles files;
        private int callsLeft;

        SleepyFiles(DiskHomeFiles files, int call) {
            this.files = files;
            this.callsLeft = call;
        }

        private boolean isNow() {
            return --callsLeft == 0;
        }

        private void sleepIfNow() throws IOException {
            if (isNow()) {
                sleep();
            }
        }

        private static void sleep() throws IOException {
            System.out.println("sleeps");
            System.in.read();
        }

        @Override
        public List<String> list() throws IOException {
            sleepIfNow();
            return files.list();
        }

        @Override
        public byte[] read(String name, int limit) throws IOException {
            sleepIfNow();
            return files.read(name, limit);
        }

        @Override
        public void write(String name, byte[] content) throws IOException {
            if (!isNow()) {
                files.write(name, content);
                return;
            }
            try (FileChannel file = FileChannel.open(
                    files.folder().resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                int half = content.length / 2;
                file.write(ByteBuffer.wrap(content, 0, half));
                sleep();
                file.write(ByteBuffer.wrap(content, half, content.length - half));
            }
        }

        @Override
        public void sync(String name) throws IOException {
            sleepIfNow();
            files.sync(name);
        }

        @Override
        public void link(String existing, String name) throws IOException {
            sleepIfNow();
            files.link(existing, name);
        }

        @Override
        public void rename(String existing, String name) throws IOException {
            sleepIfNow();
            files.rename(existing, name);
        }

        @Override
        public void delete(String name) throws IOException {
            sleepIfNow();
            files.delete(name);
        }

        @Override
        public void syncFolder() throws IOException {
            sleepIfNow();
            files.syncFolder();
        }
    }

    private static void write(Path folder, String content) throws IOException {
        Files.writeString(folder.resolve("copy"), content);
    }

    private static WorkingCopyContent read(Path folder) throws IOException {
        return new WorkingCopyContent(Files.readAllBytes(folder.resolve("copy")), new byte[] {1}, Instant.EPOCH);
    }

    /** The guest changes its state, and an agent seals it. */
    private static void seal(Path folder, String node, long epoch, String content) throws IOException {
        write(folder, content);
        try (GuestStateSealer line =
                line(epoch, new Home(new DiskHomeFiles(folder), node, UUID::randomUUID, Failpoints.none()))) {
            assertThat(line.seal(() -> read(folder))).isPresent();
        }
    }

    private static GuestStateSealer line(long epoch, Home home) throws IOException {
        return GuestStateSealer.open(
                epoch,
                Claimants.HOST_A,
                Optional.empty(),
                Optional.empty(),
                EK,
                home,
                key(),
                new SecureRandom(),
                version -> {});
    }

    private static GuestStateKey key() {
        byte[] key = new byte[ProtectionKey.BYTES];
        key[0] = 1;
        return ProtectionKey.of(key).guestStateKey(VM);
    }

    private static GuestState taken(Path folder) throws IOException {
        Home home = new Home(new DiskHomeFiles(folder), "reader", UUID::randomUUID, Failpoints.none());
        GuestStateVersion newest = home.versions().getFirst();
        try (GuestStateKey key = key()) {
            Opening opening = SealedGuestState.open(home.read(newest), VM, newest, key);
            assertThat(opening).isInstanceOf(Opening.Opened.class);
            return ((Opening.Opened) opening).state();
        }
    }

    private static String text(GuestState state) {
        return new String(state.tpm(), UTF_8);
    }

    private static Map<GuestStateVersion, byte[]> files(Path folder, long epoch) throws IOException {
        Home home = new Home(new DiskHomeFiles(folder), "reader", UUID::randomUUID, Failpoints.none());
        Map<GuestStateVersion, byte[]> files = new HashMap<>();
        GuestStateVersion newest = home.versions().getFirst();
        for (GuestStateVersion version : home.versions()) {
            // A sleeper of the same incarnation may prune, but never the newest state.
            if (version.epoch() == epoch && (epoch > 1 || version.equals(newest))) {
                files.put(version, home.read(version));
            }
        }
        return files;
    }
}
