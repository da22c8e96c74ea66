package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.agent.location.Stillness.Moving;
import io.trustedlaunch.agent.location.Stillness.NotShared;
import io.trustedlaunch.agent.location.Stillness.NotWatched;
import io.trustedlaunch.agent.location.Stillness.Still;
import io.trustedlaunch.agent.location.Stillness.Unreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationProbeTest {
    private static final int CLOSED = 0710;

    @TempDir
    private Path root;

    private HypervisorAccount account;
    private Path location;
    private LocationProbe probe;
    private int mode = CLOSED;
    private int parentMode = 0711;
    private long now = Long.MAX_VALUE - 5;

    @BeforeEach
    void probe() throws IOException {
        account = Accounts.ownerOf(root);
        location = root.resolve("vms");
        account.makePassage(location);
        probe = new LocationProbe(
                location,
                new LocationCheck(this::facts, account, root.resolve("agents")),
                "host-a",
                new LocationToken(root.resolve("token"), new SecureRandom()),
                new OpenFileLocks(),
                () -> now,
                1);
        probe.state();
        // No longer new.
        pass(Duration.ofMinutes(1));
        probe.state();
    }

    @AfterEach
    void close() {
        probe.close();
    }

    @Test
    void nothingIsWrittenBetweenTwoInspections() throws IOException {
        String written = beacon();
        for (int i = 0; i < 14; i++) {
            pass(LocationProbe.CHECK_INTERVAL);
            probe.state();
        }
        assertThat(beacon()).isEqualTo(written);

        pass(LocationProbe.CHECK_INTERVAL);
        probe.state();
        assertThat(beacon()).isNotEqualTo(written);
    }

    @Test
    void anUnsafeModeAndItsFixAreDetectedAtTheNextCheck() {
        pass(LocationProbe.CHECK_INTERVAL);
        mode = 0755;
        assertThat(probe.state().problem()).isPresent();

        pass(LocationProbe.CHECK_INTERVAL);
        mode = CLOSED;
        assertThat(probe.state().problem()).isEmpty();
    }

    @Test
    void anUnsafeParentIsDetectedToo() {
        pass(LocationProbe.CHECK_INTERVAL);
        parentMode = 0777;
        assertThat(probe.state().problem()).isPresent();
    }

    /** Between two inspections, nothing is read. */
    @Test
    void aBeaconIsReadAnewForWhoeverAsks() throws IOException {
        BeaconFolder folder = new BeaconFolder(location);
        folder.write(new Beacon("host-b", "ab".repeat(16), 1));
        inspectFor(Duration.ofMinutes(4));
        assertThat(probe.look("host-b")).isEqualTo(new Still(false));
        folder.write(new Beacon("host-b", "ab".repeat(16), 2));

        assertThat(probe.look("host-b")).isEqualTo(new Moving(Duration.ZERO));
        inspectFor(Duration.ofMinutes(4));
        assertThat(probe.look("host-b")).isEqualTo(new Still(true));
        assertThat(probe.look("host-c")).isEqualTo(new NotShared());
    }

    /** It was mounted, or unmounted. */
    @Test
    void whatWasSeenInAnotherFolderOfThatPathDoesNotCount() throws IOException {
        new BeaconFolder(location).write(new Beacon("host-b", "ab".repeat(16), 1));
        inspectFor(Duration.ofMinutes(4));
        Files.move(location, root.resolve("moved"));
        account.makePassage(location);

        assertThat(probe.look("host-b")).isEqualTo(new NotWatched(Duration.ZERO));
    }

    @Test
    void aBeaconThatNoAgentWroteHidesItsNode() throws IOException {
        Files.createDirectory(location.resolve(".nodes").resolve("host-b"));

        assertThat(probe.look("host-b")).isInstanceOf(Unreadable.class);
    }

    private void inspectFor(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusSeconds(30)) {
            pass(Duration.ofSeconds(30));
            probe.state();
        }
    }

    private String beacon() throws IOException {
        return Files.readString(location.resolve(".nodes").resolve("host-a"));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** The tests need not run as root. */
    private PathFacts facts(Path path) {
        return PathFactsBuilder.builder()
                .path(path)
                .kind(Kind.FOLDER)
                .owner(account.administrator().getName())
                .group(account.group().getName())
                .mode(path.equals(location) ? mode : parentMode)
                .accessList(false)
                .build();
    }
}
