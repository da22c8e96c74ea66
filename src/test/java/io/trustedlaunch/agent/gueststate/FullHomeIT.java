package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.files.NoSpace;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A home on a full file system. Runs inside a host with its own mounts. */
@Tag("host")
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab")
class FullHomeIT {
    /** Three fit, but a fourth does not. */
    private static final int STATE = 70 * 1024;

    @TempDir
    private Path folder;

    @BeforeEach
    void mountASmallOne() {
        run("mount", "-t", "tmpfs", "-o", "size=256k,mode=0710", "tmpfs", folder.toString());
    }

    @AfterEach
    void unmount() {
        run("umount", folder.toString());
    }

    @Test
    void aFullFileSystemKeepsTheOldStateAndRecovers() throws IOException {
        Home home = new Home(new DiskHomeFiles(folder), "host-a", UUID::randomUUID, Failpoints.none());
        for (int generation = 1; generation <= 3; generation++) {
            assertThat(home.publish(version(generation), state(generation))).isTrue();
        }

        Throwable full = catchThrowable(() -> home.publish(version(4), state(4)));
        assertThat(full).isInstanceOf(IOException.class).matches(NoSpace::isCauseOf);
        assertThat(new DiskHomeFiles(folder).list()).hasSize(3);
        assertThat(home.versions()).containsExactly(version(3), version(2), version(1));
        assertThat(home.read(version(3))).isEqualTo(state(3));

        run("mount", "-o", "remount,size=1m", folder.toString());
        assertThat(home.publish(version(4), state(4))).isTrue();
        assertThat(home.versions()).containsExactly(version(4), version(3), version(2), version(1));
        assertThat(home.read(version(4))).isEqualTo(state(4));
    }

    private static byte[] state(int generation) {
        byte[] state = new byte[STATE];
        Arrays.fill(state, (byte) generation);
        return state;
    }

    private static GuestStateVersion version(long generation) {
        return new GuestStateVersion(1L, generation);
    }

    private static void run(String... command) {
        Command.Result result = new Command(List.of(command), new byte[0], Duration.ofSeconds(30)).run();
        assertThat(result.succeeded()).as(result.outputTail()).isTrue();
    }
}
