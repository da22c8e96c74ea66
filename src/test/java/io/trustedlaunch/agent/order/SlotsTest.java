package io.trustedlaunch.agent.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.order.Slots.Slot;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.testkit.BackupLocations;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private static final String FOLDER = RunStores.place(BackupLocations.ref("nas", "/backups"));
    private static final String SERVER = bucket("https://s3.example.com:9000/vms/prod");
    private static final String OTHER = bucket("https://s3.example.org/vms/prod");

    private final Slots slots = new Slots(2, 4);

    private static String bucket(String url) {
        return RunStores.place(BackupLocations.bucketRef("s3", url));
    }

    @Test
    void aServerThatHoldsItsSlotsLeavesOthersAsMany() {
        take(SERVER);
        take(SERVER);
        assertThat(slots.take(bucket("https://s3.example.com:9000/others")))
                .as("another bucket")
                .isEmpty();

        take(FOLDER);
        take(FOLDER);
    }

    @Test
    void soManyRunInAll() {
        Slot first = take(SERVER);
        take(SERVER);
        Slot inFolder = take(FOLDER);
        take(OTHER);
        assertThat(slots.take(FOLDER)).isEmpty();

        first.close();
        take(FOLDER);
        assertThat(slots.take(SERVER)).isEmpty();
        inFolder.close();
        take(SERVER);
    }

    @Test
    void onceTheyAreClosedNoneBegins() throws InterruptedException {
        Slot slot = take(FOLDER);
        assertThat(slots.close(Duration.ofMillis(1))).isFalse();
        slot.close();
        assertThat(slots.close(Duration.ofMillis(1))).isTrue();
        assertThat(slots.take(SERVER)).isEmpty();
    }

    @Test
    void aServerIsItsHostWhateverThePort() {
        assertThat(Slots.server("https://Images.example:8443/a")).isEqualTo("images.example");
        assertThat(Slots.server("no url ]")).isEqualTo("no url ]");
    }

    private Slot take(String place) {
        return slots.take(place).orElseThrow();
    }
}
