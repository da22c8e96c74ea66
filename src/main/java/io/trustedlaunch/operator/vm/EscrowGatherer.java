package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.recovery.Escrow;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Opens the escrow of a backup: of one that a VM without a key is to come back from, or whose disks are copied or read. */
public final class EscrowGatherer {
    private final Supplier<ClusterBackupKeys> keys;

    /** @param keys throws IllegalStateException if they cannot be used */
    public EscrowGatherer(Supplier<ClusterBackupKeys> keys) {
        this.keys = keys;
    }

    /** @param vm one that has not taken over the retained VM yet that it was created to continue */
    EscrowFacts gather(TrustedLaunchVM vm, KeyFacts key, Optional<VMBackup> backup) {
        if (!(key instanceof KeyFacts.Absent) || vm.getSpec().approveRestore() == null) {
            return new EscrowFacts.None();
        }
        String name = vm.getSpec().approveRestore().backupRef().name();
        return backup.map(of -> of(of, name))
                .orElseGet(() -> new EscrowFacts.Unusable("VMBackup " + name + " does not exist in this namespace"));
    }

    /**
     * The key of a VM whose disks are copied. Taken from the escrow, it is kept nowhere: that VM does not come back by a copy.
     *
     * @param copied the identity of that VM, as it is on record
     * @param key as the cluster has it; that of a VM of another namespace is not used, whatever is on record of the backup
     * @param backup of that VM, in the namespace of the new one; read only if the key is not used
     */
    Result<ProtectionKey> copied(TrustedLaunchVM vm, String copied, KeyFacts key, Supplier<Optional<VMBackup>> backup) {
        return switch (key) {
            case KeyFacts.Held held when isOf(held, vm.getMetadata().getNamespace()) -> new Result.Value<>(held.key());
            case KeyFacts.Invalid(Secret secret, String why) ->
                new Result.Refused<>(new Problem(
                        Reason.KeyInvalid,
                        "Secret " + copied + " of the operator's namespace, the protection key of the VM whose backup"
                                + " spec.restoreFrom names, is not usable: " + why
                                + ". Restore it (see docs/recovery.md)"));
            case KeyFacts.Held other -> fromEscrow(vm, copied, backup.get());
            case KeyFacts.Absent absent -> fromEscrow(vm, copied, backup.get());
        };
    }

    private static boolean isOf(KeyFacts.Held key, String namespace) {
        return ProtectionKeySecret.namespace(key.secret()).equals(Optional.of(namespace));
    }

    /**
     * The key of the VM that a backup is of, to read a disk of it. As of a copy it is kept nowhere.
     *
     * @param backup completed
     * @param key as the cluster has it; that of a VM of another namespace is not used, whatever the backup's record says
     */
    public Result<ProtectionKey> toRead(VMBackup backup, KeyFacts key) {
        String namespace = backup.getMetadata().getNamespace();
        String uid = backup.getStatus().vmUID();
        if (key instanceof KeyFacts.Held held && isOf(held, namespace)) {
            return new Result.Value<>(held.key());
        }
        String name = backup.getMetadata().getName();
        return fromEscrow(
                of(backup, name),
                uid,
                namespace,
                "VMBackup " + name,
                why -> new Problem(
                        Reason.EscrowUnusable,
                        "the key of VM " + uid + ", which opens VMBackup " + name
                                + ", is not in this cluster as that of a VM of this namespace, and " + why
                                + ". Restore Secret " + uid
                                + " of the operator's namespace (see docs/recovery.md), or ask an"
                                + " administrator to import the backup with the recovery key: kubectl tlvm backup import"
                                + " --help"));
    }

    private Result<ProtectionKey> fromEscrow(TrustedLaunchVM vm, String copied, Optional<VMBackup> backup) {
        String name = "VMBackup "
                + backup.map(of -> of.getMetadata().getName())
                        .or(vm::copiedBackup)
                        .orElse("of VM " + copied);
        return fromEscrow(
                backup.map(of -> of(of, of.getMetadata().getName()))
                        .orElseGet(() -> new EscrowFacts.Unusable(name + " does not exist in this namespace")),
                copied,
                vm.getMetadata().getNamespace(),
                name,
                why -> withoutEscrow(copied, why));
    }

    /** @param without says that there is no key, by why the escrow has none */
    private static Result<ProtectionKey> fromEscrow(
            EscrowFacts found, String uid, String namespace, String name, Function<String, Problem> without) {
        return switch (found) {
            case EscrowFacts.Opened opened
            when isOf(opened, uid, namespace) ->
                new Result.Value<>(opened.escrow().key());
            case EscrowFacts.Opened opened ->
                new Result.Refused<>(without.apply("the escrow of " + name + " is of another VM"));
            case EscrowFacts.Unusable(String why) -> new Result.Refused<>(without.apply(why));
            case EscrowFacts.None none -> throw new IllegalStateException("an escrow was not looked at");
        };
    }

    private static boolean isOf(EscrowFacts.Opened opened, String uid, String namespace) {
        return opened.vmUID().equals(uid)
                && opened.escrow().record().uid().equals(uid)
                && opened.escrow().record().namespace().equals(namespace);
    }

    private static Problem withoutEscrow(String copied, String why) {
        return new Problem(
                Reason.EscrowUnusable,
                "the key of VM " + copied
                        + ", which opens the backup that spec.restoreFrom names, is not in this cluster as that of a VM of this"
                        + " namespace, and "
                        + why + ". Restore Secret " + copied
                        + " of the operator's namespace, or delete this VM, which never ran,"
                        + " and create it from another of those backups; or ask an administrator to import the backup with the"
                        + " recovery key: kubectl tlvm backup import --help");
    }

    private EscrowFacts of(VMBackup backup, String name) {
        VMBackupStatus status = backup.getStatus();
        if (status == null || status.phase() != VMBackupStatus.Phase.Completed || !hasGuestState(status.result())) {
            return new EscrowFacts.Unusable("VMBackup " + name + " is not completed");
        }
        if (status.escrow() == null) {
            return new EscrowFacts.Unusable(
                    "VMBackup " + name + " has no escrow: the cluster had no backup key when it was made");
        }
        return switch (open(status.escrow())) {
            case Escrow.Opening.Opened(Escrow escrow) ->
                new EscrowFacts.Opened(escrow, status.vmUID(), status.result().guestState());
            case Escrow.Opening.Refused(String message) ->
                new EscrowFacts.Unusable("the escrow of VMBackup " + name + " does not open: " + message);
        };
    }

    private static boolean hasGuestState(BackupResult result) {
        return result != null
                && result.guestState() != null
                && result.guestState().epoch() != null
                && result.guestState().generation() != null;
    }

    private Escrow.Opening open(String base64) {
        try {
            return keys.get().open(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return new Escrow.Opening.Refused("it is not base64");
        } catch (IllegalStateException e) {
            return new Escrow.Opening.Refused(e.getMessage());
        }
    }
}
