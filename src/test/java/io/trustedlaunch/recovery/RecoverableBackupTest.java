package io.trustedlaunch.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.BackupKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.recovery.RecoverableBackup.Search;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups in a store whose administrator puts anything there, for a cluster that has no record of them. */
class RecoverableBackupTest {
    private static final UUID VM = BackupFixture.VM;
    private static final UUID OTHER = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");

    private final BackupFixture fixture = new BackupFixture(1);
    private final ClusterBackupKeys keys = newKeys();
    private final EscrowedVm vm = new EscrowedVm("payroll", VM, keys.sealing().orElseThrow());
    private final EscrowedVm other = new EscrowedVm("web", OTHER, keys.sealing().orElseThrow());
    private BackupIndex wanted;

    private static ClusterBackupKeys newKeys() {
        BackupKeyPair pair = BackupKeyPair.create(new SecureRandom(), Instant.parse("2026-01-01T00:00:00Z"));
        return ClusterBackupKeys.of(ClusterBackupKeysTest.data(pair));
    }

    @BeforeEach
    void backUp() throws IOException {
        wanted = make(vm, 1, vm.key);
    }

    private BackupIndex make(EscrowedVm of, int number, ProtectionKey key) throws IOException {
        BackupFixture.Content content = new BackupFixture.Content(
                Map.of(DiskName.ROOT, new byte[] {1}), Map.of(BackupFileName.GUEST_STATE, new byte[] {2}));
        BackupIndex index = fixture.make(of.uid, number, Optional.empty(), content, key);
        fixture.store.replaceClusterEscrow(index.id(), of.sealedEscrow(7, EscrowedVm.EK));
        return index;
    }

    private Search search() {
        try {
            return RecoverableBackup.search(fixture.store, VM, EscrowFile.of(keys));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void put(String file, byte[] bytes) {
        fixture.disk.alter(wanted.id(), file, before -> bytes);
    }

    private void assertUnusable(String why) {
        assertThat(search().newestFirst()).isEmpty();
        assertThat(search().warnings()).singleElement().asString().contains(wanted.backup() + " cannot be used", why);
    }

    @Test
    void whatFitsTogetherIsFound() {
        assertThat(search().warnings()).isEmpty();
        assertThat(search().newestFirst()).singleElement().satisfies(found -> {
            assertThat(found.ref()).isEqualTo(wanted.ref());
            assertThat(found.escrow().key()).isEqualTo(vm.key);
        });
    }

    @Test
    void theIndexOfAnotherVmIsNotTakenForThisOnes() throws IOException {
        BackupIndex another = make(other, 2, other.key);
        put(BackupFileName.INDEX, another.encoded());

        assertUnusable("its index is that of backup " + another.backup() + " of VM " + OTHER);
    }

    @Test
    void theEscrowOfAnotherVmOrKeyOpensNothing() throws IOException {
        EscrowedVm sameName = new EscrowedVm("another-name", VM, keys.sealing().orElseThrow());
        put(BackupFileName.CLUSTER_ESCROW, other.sealedEscrow(7, EscrowedVm.EK));
        assertUnusable("is of VM " + OTHER);
        put(BackupFileName.CLUSTER_ESCROW, sameName.sealedEscrow(7, EscrowedVm.EK));
        assertUnusable("with key " + sameName.key.keyId());
    }

    @Test
    void aDescriptionUnderAnotherKeyIsNotOpened() throws IOException {
        BackupIndex foreign = make(other, 3, ProtectionKey.generate(new SecureRandom()));
        put(BackupFileName.DESCRIPTION, fixture.disk.content(foreign.id(), BackupFileName.DESCRIPTION));
        assertUnusable(BackupFileName.DESCRIPTION);
        put(BackupFileName.DESCRIPTION, null);
        assertUnusable(BackupFileName.DESCRIPTION);
    }

    @Test
    void whatIsLargerThanItMayBeIsNotRead() {
        put(BackupFileName.CLUSTER_ESCROW, new byte[Escrow.MAX_BYTES + 100]);
        assertUnusable("the limit of an escrow");
        put(BackupFileName.INDEX, new byte[BackupIndex.MAX_BYTES + 100]);
        assertUnusable("its index");
    }
}
