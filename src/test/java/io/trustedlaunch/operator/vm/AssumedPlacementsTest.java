package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.operator.vm.AssumedPlacements.Entry;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.testkit.Vms;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AssumedPlacementsTest {
    private static final Allocated SIZE = new Allocated(2, 1L << 30);

    private final AssumedPlacements placements = new AssumedPlacements();

    @Test
    void aPlacementCountsUntilItsIncarnationIsInTheCache() {
        add(1);
        assertThat(placements.view(entry -> false).byNode()).containsEntry("host-a", SIZE);
        assertThat(placements.view(entry -> true).byNode()).isEmpty();
        assertThat(placements.view(entry -> false).byNode()).isEmpty();
    }

    /** For example because the write of the status failed, or the migration was cancelled before it began. */
    @Test
    void aPlacementThatIsNotOnRecordCountsNoLonger() {
        add(2);
        placements.keep(Vms.UID, Set.of(1L, 2L));
        assertThat(placements.view(entry -> false).byVm()).containsKey(Vms.UID);
        placements.keep("another VM", Set.of());
        assertThat(placements.view(entry -> false).byVm()).containsKey(Vms.UID);
        placements.keep(Vms.UID, Set.of(1L));
        assertThat(placements.view(entry -> false).byVm()).isEmpty();
    }

    private void add(long epoch) {
        placements.add(placements.view(entry -> false), new Entry(Vms.UID, epoch, "host-a", SIZE));
    }
}
