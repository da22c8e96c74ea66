package io.trustedlaunch.backup.folder;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The power fails at each write of a backup and of a removal: what is left is a whole backup or none. */
class FolderStoreCrashTest {
    private static final BackupId ID = new BackupId(new UUID(1, 1), new UUID(2, 2));
    private static final String PACK = BackupFileName.dataPack(0);
    private static final byte[] DISK = {1, 2, 3, 4};
    private static final byte[] STATE = {5, 6};
    private static final byte[] INDEX = {7, 8, 9};

    private int disks;
    private int whole;

    private static void back(BackupStore store) throws IOException {
        store.begin(ID);
        write(store, PACK, DISK);
        write(store, BackupFileName.GUEST_STATE, STATE);
        store.commit(ID, INDEX);
    }

    private static void write(BackupStore store, String name, byte[] content) throws IOException {
        store.write(ID, name, new ByteArrayInputStream(content), content.length);
    }

    @FunctionalInterface
    private interface Act {
        void on(BackupStore store) throws IOException;
    }

    /** Does it with the power failing at each call in turn, and once without. */
    private void powerFailsAtEachWrite(Act before, Act act, Checks checks) throws IOException {
        for (int call = 1; ; call++) {
            MemoryDisk disk = new MemoryDisk().marked();
            before.on(disk.store());
            disk.failAt(call, new IOException("the power has failed"));
            boolean ended = ends(act, disk.store());
            for (MemoryDisk left : disk.afterPowerCut()) {
                disks++;
                checks.on(left, ended);
            }
            if (!disk.hasFailed()) {
                assertThat(ended).isTrue();
                assertThat(call).isGreaterThan(4);
                return;
            }
        }
    }

    @FunctionalInterface
    private interface Checks {
        void on(MemoryDisk left, boolean ended) throws IOException;
    }

    private static boolean ends(Act act, BackupStore store) {
        try {
            act.on(store);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aBackupIsWholeOrNotThere() throws IOException {
        powerFailsAtEachWrite(store -> {}, FolderStoreCrashTest::back, (left, ended) -> {
            boolean committed = isCommitted(left.store());
            if (committed) {
                whole++;
                assertThat(left.store().index(ID)).hasValue(INDEX);
                assertThat(left.content(ID, PACK)).isEqualTo(DISK);
                assertThat(left.content(ID, BackupFileName.GUEST_STATE)).isEqualTo(STATE);
            }
            assertThat(committed || !ended).as("what was reported is there").isTrue();
        });

        System.out.println("power cuts of a backup: " + disks + " disks, " + whole + " with the backup");
        assertThat(whole).isPositive().isLessThan(disks);
    }

    @Test
    void anotherRunSucceedsOnWhatIsLeft() throws IOException {
        powerFailsAtEachWrite(store -> {}, FolderStoreCrashTest::back, (left, ended) -> {
            BackupStore store = left.store();
            if (!isCommitted(store)) {
                store.removeFiles(ID);
                back(store);
            }
            store.commit(ID, INDEX);
            assertThat(left.content(ID, PACK)).isEqualTo(DISK);
        });
    }

    @Test
    void aRemovalEndsOnTheNextAttempt() throws IOException {
        powerFailsAtEachWrite(
                FolderStoreCrashTest::back,
                store -> {
                    store.removeIndex(ID);
                    store.removeFiles(ID);
                },
                (left, ended) -> {
                    BackupStore store = left.store();
                    if (isCommitted(store)) {
                        assertThat(ended).isFalse();
                        assertThat(left.content(ID, PACK))
                                .as("no file goes before the index")
                                .isEqualTo(DISK);
                    }
                    store.removeIndex(ID);
                    store.removeFiles(ID);
                    assertThat(store.vms()).isEmpty();
                });
    }

    /** It is listed then, and before that no run that has begun is taken for a removed one. */
    @Test
    void aRunThatHasBegunIsListed() throws IOException {
        powerFailsAtEachWrite(
                store -> {},
                store -> {
                    store.begin(ID);
                    store.write(ID, PACK, new ByteArrayInputStream(DISK), DISK.length);
                },
                (left, ended) -> {
                    List<BackupStore.Listed> listed = left.store().backups(ID.vm());
                    if (ended || left.content(ID, PACK) != null) {
                        assertThat(listed).containsExactly(new BackupStore.Listed(ID.backup(), BackupStore.State.OPEN));
                    }
                });
    }

    /** The removal of another backup also ends one that was removed long ago. Nobody repeats that one. */
    @Test
    void nothingThatWasRemovedIsTakenForARunAgain() throws IOException {
        powerFailsAtEachWrite(
                store -> {
                    back(store);
                    store.removeIndex(ID);
                    store.removeFiles(ID, pack -> true);
                },
                store -> store.removeFiles(ID),
                (left, ended) -> {
                    assertThat(left.store().backups(ID.vm())).allMatch(one -> one.state() == BackupStore.State.REMOVED);
                    left.store().removeFiles(ID);
                    assertThat(left.store().vms()).isEmpty();
                });
    }

    @Test
    void theClustersEscrowIsTheOldOrTheNewOne() throws IOException {
        powerFailsAtEachWrite(
                store -> {
                    back(store);
                    store.replaceClusterEscrow(ID, STATE);
                },
                store -> store.replaceClusterEscrow(ID, DISK),
                (left, ended) -> assertThat(List.of(left.content(ID, BackupFileName.CLUSTER_ESCROW)))
                        .isSubsetOf(ended ? List.of(DISK) : List.of(DISK, STATE)));
    }

    private static boolean isCommitted(BackupStore store) throws BackupStoreException {
        return store.backups(ID.vm()).stream().anyMatch(BackupStore.Listed::committed);
    }
}
