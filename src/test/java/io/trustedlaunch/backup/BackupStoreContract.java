package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.backup.BackupStore.Listed;
import io.trustedlaunch.backup.BackupStore.NewFile;
import io.trustedlaunch.backup.BackupStore.State;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every store promises. */
public abstract class BackupStoreContract {
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final UUID OTHER_VM = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");
    protected static final BackupId ID = new BackupId(VM, UUID.fromString("00000000-0000-4000-8000-000000000001"));
    private static final BackupId OTHER = new BackupId(VM, UUID.fromString("00000000-0000-4000-8000-000000000002"));
    protected static final String PACK = BackupFileName.dataPack(0);
    private static final byte[] INDEX = {5, 6, 7};

    /** Empty at first, and the same one each time. */
    protected abstract BackupStore store();

    protected void write(BackupId id, String name, int... bytes) throws IOException {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        store().write(id, name, new ByteArrayInputStream(content), content.length);
    }

    private byte[] read(BackupId id, String name) throws IOException {
        return store().read(id, name, 1000).orElseThrow();
    }

    protected static void assertFault(ThrowingCallable call, StoreFault fault) {
        assertThatThrownBy(call)
                .asInstanceOf(type(BackupStoreException.class))
                .extracting(BackupStoreException::fault)
                .isEqualTo(fault);
    }

    @Test
    void aFileIsReadByRanges() throws IOException {
        write(ID, PACK, 0, 1, 2, 3, 4);

        try (StoredObject object = store().open(ID, PACK)) {
            assertThat(object.bytes()).isEqualTo(5);
            assertThat(object.range(1, 3)).hasBinaryContent(new byte[] {1, 2, 3});
            assertThat(object.range(0, 1)).hasBinaryContent(new byte[] {0});
            assertThat(object.range(3, 10)).hasBinaryContent(new byte[] {3, 4});
            assertThat(object.range(7, 10)).isEmpty();
            assertThat(object.range(2, 0)).isEmpty();
        }
    }

    @Test
    void aFileOfAnotherLengthThanItWasSaidToHaveIsNone() {
        for (int bytes : new int[] {2, 4}) {
            assertThatThrownBy(() -> store().write(ID, PACK, new ByteArrayInputStream(new byte[3]), bytes))
                    .isInstanceOf(BackupStoreException.class);
            assertThatThrownBy(() ->
                            store().write(ID, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[3]), bytes))
                    .isInstanceOf(BackupStoreException.class);
        }
    }

    /** Ends with an error after its first bytes. */
    private static InputStream brokenOff() {
        InputStream end = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken off");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        };
        return new SequenceInputStream(new ByteArrayInputStream(new byte[3]), end);
    }

    @Test
    void aFileIsCreatedOnce() throws IOException {
        write(ID, PACK, 1);

        assertFault(() -> write(ID, PACK, 2), StoreFault.EXISTS);
        assertThat(read(ID, PACK)).containsExactly(1);
        write(ID, BackupFileName.GUEST_STATE, 2);
        write(OTHER, PACK, 3);
    }

    @Test
    void aFileWhoseLengthIsNotKnownIsThereOnceItIsFinished() throws IOException {
        try (NewFile file = store().create(ID, PACK)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2}));
            file.write(ByteBuffer.wrap(new byte[] {0, 3, 4, 0}, 1, 2));
            file.finish();
        }

        assertThat(read(ID, PACK)).containsExactly(1, 2, 3, 4);
        assertFault(() -> createAgain(PACK), StoreFault.EXISTS);
        assertThat(read(ID, PACK)).containsExactly(1, 2, 3, 4);
    }

    private void createAgain(String file) throws IOException {
        try (NewFile again = store().create(ID, file)) {
            again.write(ByteBuffer.wrap(new byte[] {9}));
            again.finish();
        }
    }

    @Test
    void aBackupIsThereWithItsIndex() throws IOException {
        write(ID, PACK, 1);
        assertThat(store().backups(VM)).containsExactly(new Listed(ID.backup(), State.OPEN));
        assertThat(store().index(ID)).isEmpty();

        store().commit(ID, INDEX);

        assertThat(store().backups(VM)).containsExactly(new Listed(ID.backup(), State.COMMITTED));
        assertThat(store().index(ID)).hasValue(INDEX);
    }

    @Test
    void theSameIndexIsCommittedAgainAndNoOther() throws IOException {
        write(ID, PACK, 1);
        store().commit(ID, INDEX);

        store().commit(ID, INDEX);
        assertFault(() -> store().commit(ID, new byte[] {5, 6}), StoreFault.EXISTS);
        assertFault(() -> store().commit(ID, new byte[] {5, 6, 7, 8}), StoreFault.EXISTS);
        assertThat(store().index(ID)).hasValue(INDEX);
    }

    @Test
    void noIndexIsCommittedWithoutFiles() {
        assertFault(() -> store().commit(ID, INDEX), StoreFault.MISSING);
        assertThatThrownBy(() -> store().commit(ID, new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void vmsAndTheirBackupsAreListed() throws IOException {
        BackupId ofOtherVm = new BackupId(OTHER_VM, ID.backup());
        assertThat(store().vms()).isEmpty();
        assertThat(store().backups(VM)).isEmpty();
        write(ID, PACK, 1);
        write(OTHER, PACK, 1);
        store().commit(OTHER, INDEX);
        write(ofOtherVm, PACK, 1);

        assertThat(store().vms()).containsExactlyInAnyOrder(VM, OTHER_VM);
        assertThat(store().backups(VM))
                .containsExactlyInAnyOrder(
                        new Listed(ID.backup(), State.OPEN), new Listed(OTHER.backup(), State.COMMITTED));
    }

    @Test
    void aRunThatWasBrokenOffIsRemoved() throws IOException {
        write(ID, BackupFileName.GUEST_STATE, 1);
        assertThatThrownBy(() -> store().write(ID, PACK, brokenOff(), 5)).isInstanceOf(BackupStoreException.class);
        write(OTHER, PACK, 1);

        store().removeFiles(ID);
        store().removeFiles(ID);

        assertThat(store().backups(VM)).containsExactly(new Listed(OTHER.backup(), State.OPEN));
        assertFault(() -> store().commit(ID, INDEX), StoreFault.MISSING);
        assertFault(() -> store().open(ID, PACK), StoreFault.MISSING);
    }

    @Test
    void aVmWithoutBackupsIsNotListed() throws IOException {
        write(ID, PACK, 1);
        store().removeFiles(ID);

        assertThat(store().vms()).isEmpty();
        write(ID, PACK, 1);
        assertThat(store().vms()).containsExactly(VM);
    }

    @Test
    void aBackupIsRemovedByItsIndexFirst() throws IOException {
        write(ID, PACK, 1);
        store().commit(ID, INDEX);
        assertFault(() -> store().removeFiles(ID), StoreFault.COMMITTED);
        assertThat(read(ID, PACK)).containsExactly(1);

        store().removeIndex(ID);
        store().removeIndex(ID);
        assertThat(store().backups(VM)).noneMatch(Listed::committed).hasSize(1);
        assertThat(store().index(ID)).isEmpty();

        store().removeFiles(ID);
        assertThat(store().backups(VM)).isEmpty();
        store().removeIndex(ID);
    }

    /** What is listed keeps what it may need. */
    @Test
    void aRunIsListedOnceItHasBegun() throws IOException {
        store().begin(ID);
        store().begin(ID);
        assertThat(store().backups(VM)).containsExactly(new Listed(ID.backup(), State.OPEN));
        write(ID, PACK, 1);
        store().begin(ID);
        assertThat(read(ID, PACK)).containsExactly(1);
        store().commit(ID, INDEX);
        assertThat(store().backups(VM)).containsExactly(new Listed(ID.backup(), State.COMMITTED));
    }

    @Test
    void aRunThatWroteNothingIsRemoved() throws IOException {
        store().begin(ID);
        store().removeFiles(ID);
        assertThat(store().backups(VM)).isEmpty();
        assertThat(store().vms()).isEmpty();
    }

    /** It is none any more, whatever is done, and goes with the last pack. */
    @Test
    void packsThatOthersNeedStayOfARemovedBackup() throws IOException {
        String other = BackupFileName.mapPack(7);
        store().begin(ID);
        write(ID, PACK, 1);
        write(ID, other, 2);
        write(ID, BackupFileName.GUEST_STATE, 3);
        store().commit(ID, INDEX);
        store().removeIndex(ID);
        for (int times = 0; times < 2; times++) {
            store().removeFiles(ID, PACK::equals);

            assertThat(store().backups(VM)).containsExactly(new Listed(ID.backup(), State.REMOVED));
            assertThat(read(ID, PACK)).containsExactly(1);
            assertFault(() -> store().open(ID, other), StoreFault.MISSING);
            assertFault(() -> store().open(ID, BackupFileName.GUEST_STATE), StoreFault.MISSING);
            assertThat(store().index(ID)).isEmpty();
            // A removal that is repeated does not open it again.
            store().removeIndex(ID);
            assertFault(() -> store().commit(ID, INDEX), StoreFault.EXISTS);
        }

        store().removeFiles(ID, pack -> false);
        assertThat(store().backups(VM)).isEmpty();
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void onlyPacksAreKept() throws IOException {
        write(ID, BackupFileName.GUEST_STATE, 1);
        write(ID, BackupFileName.CLUSTER_ESCROW, 1);
        store().removeFiles(ID, file -> true);
        assertThat(store().backups(VM)).isEmpty();
    }

    @Test
    void aRunThatWasGivenUpIsNotCommitted() throws IOException {
        store().begin(ID);
        write(ID, PACK, 1);
        store().removeFiles(ID, pack -> true);
        assertFault(() -> store().commit(ID, INDEX), StoreFault.EXISTS);
        assertThat(store().backups(VM)).containsExactly(new Listed(ID.backup(), State.REMOVED));
    }

    @Test
    void onlyTheClustersEscrowIsReplaced() throws IOException {
        write(ID, PACK, 1);
        write(ID, BackupFileName.CLUSTER_ESCROW, 2);
        assertFault(() -> write(ID, BackupFileName.CLUSTER_ESCROW, 1), StoreFault.EXISTS);
        store().commit(ID, INDEX);
        store().replaceClusterEscrow(ID, new byte[] {3});

        assertThat(read(ID, BackupFileName.CLUSTER_ESCROW)).containsExactly(3);
        assertThatThrownBy(() -> write(ID, BackupFileName.INDEX, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMissingFileIsMissing() throws IOException {
        assertFault(() -> store().open(ID, BackupFileName.INDEX), StoreFault.MISSING);
        assertThat(store().read(ID, BackupFileName.RECOVERY_ESCROW, 10)).isEmpty();
    }

    @Test
    void noOtherNameIsEverUsed() {
        for (String name : new String[] {"", ".", "..", "../index.json", "disk-root.qcow2", "data-0000/", "x"}) {
            assertThatThrownBy(() -> write(ID, name, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store().open(ID, name)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
