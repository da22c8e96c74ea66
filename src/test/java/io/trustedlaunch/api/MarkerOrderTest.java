package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.testkit.BackupLocations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkerOrderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String ID = BackupLocations.ID.toString();
    private static final Optional<String> NODE = Optional.of("host-a");

    private final BackupLocation location = BackupLocations.named("nas", BackupLocations.folder("/backups", List.of()));

    private void order(String text) {
        location.getMetadata().setAnnotations(Map.of(Api.INITIALIZE, text));
    }

    private Optional<String> due(Optional<String> by) {
        return MarkerOrder.due(location, by, NOW);
    }

    @Test
    void itIsForTheNodeThatItNames() {
        MarkerOrder order = new MarkerOrder(NOW, ID, NODE);
        order(order.text());
        assertThat(MarkerOrder.of(location)).contains(order);
        assertThat(due(NODE)).contains(ID);
        assertThat(due(Optional.of("host-b"))).isEmpty();
        assertThat(due(Optional.empty())).as("the operator").isEmpty();
    }

    @Test
    void ofABucketItIsForTheOperator() {
        MarkerOrder order = new MarkerOrder(NOW, ID, Optional.empty());
        order(order.text());
        assertThat(MarkerOrder.of(location)).contains(order);
        assertThat(due(Optional.empty())).contains(ID);
        assertThat(due(NODE)).isEmpty();
    }

    /** What a person saw of the mounts then is true no longer. */
    @Test
    void itIsObeyedForSomeMinutes() {
        for (Duration age : List.of(Duration.ofMinutes(9), Duration.ofMinutes(-9))) {
            order(new MarkerOrder(NOW.minus(age), ID, NODE).text());
            assertThat(due(NODE)).contains(ID);
        }
        for (Duration age : List.of(Duration.ofMinutes(11), Duration.ofMinutes(-11), Duration.ofDays(1461))) {
            order(new MarkerOrder(NOW.minus(age), ID, NODE).text());
            assertThat(due(NODE)).isEmpty();
        }
    }

    @Test
    void onceTheMarkerWasSeenNoneIsMade() {
        order(new MarkerOrder(NOW, ID, NODE).text());
        location.setStatus(new BackupLocationStatus(1L, ID, null, List.of(), List.of()));
        assertThat(due(NODE)).isEmpty();
    }

    @Test
    void oneOfAnotherStoreIsNotMade() {
        order(new MarkerOrder(NOW, "00000000-0000-4000-8000-000000000001", NODE).text());
        assertThat(due(NODE)).isEmpty();
        order(new MarkerOrder(NOW, ID, NODE).text());
        location.setSpec(
                BackupLocationSpecBuilder.builder(location.getSpec()).id(null).build());
        assertThat(due(NODE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "true",
                "2026-01-01T12:00:00Z",
                "now 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e host-a",
                "2026-01-01T12:00:00Z 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e host-a host-b"
            })
    void whatIsNoOrderIsNone(String text) {
        order(text);
        assertThat(MarkerOrder.of(location)).isEmpty();
        assertThat(due(NODE)).isEmpty();
    }
}
