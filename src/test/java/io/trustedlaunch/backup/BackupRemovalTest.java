package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupFixture.Content;
import io.trustedlaunch.backup.BackupStore.Listed;
import io.trustedlaunch.backup.BackupStore.State;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whatever happens beside a removal, at each of its calls. {@code BackupHistoriesTest} plays it in random orders. */
class BackupRemovalTest {
    private static final BackupId RUN = new BackupId(BackupFixture.VM, BackupFixture.backup(7));

    private final BackupFixture fixture = new BackupFixture(1);
    private final Content content = fixture.content();
    private final BackupIndex first = make(1, Optional.empty());
    /** It needs all packs of the first, and has none of its own. */
    private final BackupIndex second = make(2, Optional.of(first));

    private BackupIndex make(int number, Optional<BackupIndex> before) {
        return fixture.make(BackupFixture.VM, number, before, content, fixture.key);
    }

    private Optional<String> remove(BackupIndex index) throws BackupStoreException {
        return BackupRemoval.remove(fixture.store, index.id());
    }

    @Test
    void packsStayWhileABackupNeedsThem() throws BackupStoreException {
        assertThat(remove(first)).isEmpty();

        assertThat(fixture.verify(second).whole()).isTrue();
        assertThat(fixture.store.backups(BackupFixture.VM))
                .containsExactlyInAnyOrder(
                        new Listed(first.backup(), State.REMOVED), new Listed(second.backup(), State.COMMITTED));
        assertThat(fixture.disk.files(first.id())).containsExactlyInAnyOrder("data-00000", "map-00000", "index.json");

        assertThat(remove(second)).isEmpty();
        assertThat(fixture.store.vms()).isEmpty();
        assertThat(remove(second)).isEmpty();
    }

    @Test
    void noPackGoesWhileARunIsUnderWay() throws BackupStoreException {
        fixture.store.begin(RUN);
        assertThat(remove(second).orElseThrow()).contains(RUN.backup().toString(), "under way");
        assertThat(remove(first).orElseThrow()).contains(RUN.backup().toString());
        assertThat(fixture.disk.files(first.id())).contains("data-00000", "map-00000");

        assertThat(BackupRemoval.remove(fixture.store, RUN)).isEmpty();
        assertThat(fixture.store.vms()).isEmpty();
    }

    @Test
    void noPackGoesWhileAnIndexCannotBeRead() throws BackupStoreException {
        byte[] index = fixture.stored(second, BackupFileName.INDEX);
        for (byte[] hostile : List.of(
                new byte[] {1}, "{}".getBytes(StandardCharsets.UTF_8), fixture.stored(first, BackupFileName.INDEX))) {
            fixture.put(second, BackupFileName.INDEX, hostile);
            assertThat(remove(first).orElseThrow()).contains(second.backup().toString(), "damaged");
        }
        fixture.put(second, BackupFileName.INDEX, index);
        assertThat(remove(first)).isEmpty();
        assertThat(fixture.verify(second).whole()).isTrue();
    }

    /**
     * A run begins and finds the second one whole, which another removal removes then: all at one moment of the first's removal, also
     * in the middle of a listing, which then has neither the run nor a backup that needs something.
     */
    @Test
    void whatARunHasFoundStaysWhateverIsRemovedMeanwhile() throws BackupStoreException {
        int moments = 1;
        for (int at = 1; at <= moments; at++) {
            moments = new BackupRemovalTest().removeBoth(at);
        }
        assertThat(moments).isGreaterThan(20);
    }

    private int removeBoth(int at) throws BackupStoreException {
        boolean[] isFound = {false};
        fixture.disk.meanwhile(at, () -> {
            try {
                fixture.store.begin(RUN);
                isFound[0] = StoredIndex.read(fixture.store, second.ref()) instanceof StoredIndex.Reading.Whole;
                remove(second);
            } catch (BackupStoreException e) {
                throw new AssertionError(e);
            }
        });

        remove(first);

        assertThat(isFound[0]).isTrue();
        for (String pack : List.of("data-00000", "map-00000")) {
            assertThat(fixture.disk.content(first.id(), pack))
                    .as("%s, at moment %d", pack, at)
                    .isNotNull();
        }
        return fixture.disk.looks();
    }
}
