package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.protocol.GuestLedger.Written;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Backups of VMs, as they lie in a store. The agent's run that makes one is not played: it is what the VM's home has at that
 * moment, its newest guest state and its disk. All else is real: the VMBackup on record, the format in the store, the operator's
 * plan for a restore, and the agent's run that carries it out.
 */
final class SavedVms {
    static final String LOCATION = "backups";

    private final BackupFixture store = new BackupFixture(1);
    private final Map<String, Written> saved = new HashMap<>();
    private int made;

    BackupStore store() {
        return store.store;
    }

    /** Its seal is not played: whoever has the store can open what it has. */
    EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> envelopes() {
        return (envelope, expected) ->
                new RestoreEnvelope.Content(BackupKeys.of(store.key, expected.vm()), new byte[] {1});
    }

    /** @return the name of the backup; empty: there is nothing whole to be saved */
    Optional<String> save(FakeApiServer server, HomeView home, String vm) {
        Optional<Secret> key = server.find(Secret.class, home.vm().toString());
        Optional<GuestStateVersion> version = home.versions().stream().max(Comparator.naturalOrder());
        if (key.isEmpty() || version.isEmpty() || !Files.exists(home.disk())) {
            return Optional.empty();
        }
        byte[] disk = read(home.disk());
        int written = GuestFiles.disk(disk);
        Optional<Integer> tpm = home.tpm(version.get(), key.get());
        if (tpm.isEmpty() || written < 0) {
            return Optional.empty();
        }
        BackupIndex index = store.make(home.vm(), ++made, disk, version.get(), read(home.file(version.get())));
        saved.put(index.backup().toString(), new Written(tpm.get(), written));
        server.put(location());
        return Optional.of(
                server.put(backup(home, vm, index, version.get())).getMetadata().getName());
    }

    private static BackupLocation location() {
        return BackupLocations.foundOn(
                BackupLocations.named(LOCATION, BackupLocations.folder("/backups", List.of(Vms.NAMESPACE))),
                "host-a",
                "host-b",
                "host-c");
    }

    private VMBackup backup(HomeView home, String vm, BackupIndex index, GuestStateVersion version) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Vms.NAMESPACE)
                .withName("backup-" + made)
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef(vm), new ObjectRef(LOCATION), BackupMode.Auto));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(VMBackupStatus.Phase.Completed)
                .vmUID(home.vm().toString())
                .backupUID(index.backup().toString())
                .locationID(BackupLocations.ID.toString())
                .image(BackupFixture.IMAGE)
                .result(BackupResultBuilder.builder()
                        .indexSHA256(index.ref().indexSHA256())
                        .guestState(version)
                        .build())
                .build());
        return backup;
    }

    /** The names of the VMBackups of a VM. */
    static List<String> of(FakeApiServer server, UUID vm) {
        return server.seen(VMBackup.class)
                .filter(backup -> backup.getStatus() != null
                        && vm.toString().equals(backup.getStatus().vmUID()))
                .map(backup -> backup.getMetadata().getName())
                .toList();
    }

    /** From now on the VM is what its backup has: a loss that was asked for. A copy finds its disk, and has a TPM of its own. */
    void restored(RestoreRun run, GuestLedger ledger) {
        Written written = saved.get(run.getSpec().backup().uid());
        UUID vm = UUID.fromString(run.getSpec().vmRef().uid());
        if (run.getSpec().copyOf() == null) {
            ledger.restored(vm, written);
        } else {
            ledger.copied(vm, written);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
