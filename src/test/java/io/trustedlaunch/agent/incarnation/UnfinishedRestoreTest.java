package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A restore from a backup was broken off between two files, perhaps on another node. */
class UnfinishedRestoreTest extends OneHost {
    @Test
    void noGuestRunsFromAMixtureOfOldAndNewFiles() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        Path unfinished = Files.createDirectory(world.folder().restored(UUID.randomUUID()));

        VMIncarnation second = world.start(2);
        assertThat(world.reason(second)).isEqualTo(Reason.RestoreUnfinished);
        assertThat(world.guestsStarted()).isEqualTo(1);

        Files.delete(unfinished);
        world.later(Duration.ofMinutes(3));
        world.pass(second);
        world.assertRuns();
    }
}
