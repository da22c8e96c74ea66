package io.trustedlaunch.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.BackupRunSpec.Location;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunSlotsTest {
    private static final Location FOLDER = new Location("nas", "/backups");
    private static final Location BUCKET = new Location("s3", null, "https://s3.example.com:9000/vms/prod");
    private static final Location OTHER_BUCKET = new Location("s3-b", null, "https://s3.example.com:9000/others");
    private static final Location OTHER_SERVER = new Location("s3-c", null, "https://s3.example.com/vms/prod");

    private final RunSlots slots = new RunSlots();

    @Test
    void aServerThatHoldsItsSlotsLeavesOthersAsMany() {
        take(BUCKET, RunSlots.OF_ONE_PLACE);
        assertThat(slots.take(BUCKET)).isFalse();
        assertThat(slots.take(OTHER_BUCKET)).as("of the same server").isFalse();

        take(FOLDER, RunSlots.OF_ONE_PLACE);
    }

    @Test
    void soManyRunInAll() {
        take(BUCKET, 2);
        take(FOLDER, 1);
        take(OTHER_SERVER, 1);
        assertThat(slots.take(FOLDER)).isFalse();

        slots.free(BUCKET);

        assertThat(slots.take(FOLDER)).isTrue();
        assertThat(slots.take(BUCKET)).isFalse();
        slots.free(FOLDER);
        assertThat(slots.take(BUCKET)).isTrue();
    }

    @Test
    void onceTheyAreClosedNoneBegins() throws InterruptedException {
        take(FOLDER, 1);
        assertThat(slots.close(Duration.ofMillis(1))).isFalse();
        slots.free(FOLDER);
        assertThat(slots.close(Duration.ofMillis(1))).isTrue();
        assertThat(slots.take(BUCKET)).isFalse();
    }

    private void take(Location location, int times) {
        for (int time = 0; time < times; time++) {
            assertThat(slots.take(location)).isTrue();
        }
    }
}
