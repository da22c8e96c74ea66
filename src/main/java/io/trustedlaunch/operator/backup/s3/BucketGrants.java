package io.trustedlaunch.operator.backup.s3;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.PackLimits;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoredIndex;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.S3Marker;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.StoreEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.backup.RemovalGuard;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.seal.NoRecipientException;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import io.trustedlaunch.web.ServerSecret;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signs with the account of a BackupLocation, whose Secret is read each time: it is not watched, and may be replaced. */
public final class BucketGrants implements RunGrants, RestoreGrants {
    private static final Logger LOG = LoggerFactory.getLogger(BucketGrants.class);

    /** Earlier backups that a run may be compared with: the newest, and the one before if that turns out to be of no use. */
    private static final int EARLIER = 2;

    /** The limit of S3 for an object that is sent in one piece. */
    private static final long MOST_BYTES = 5L << 30;

    private final String namespace;
    private final ApiReader reader;
    private final SealingCertificates certificates;
    private final RemovalGuard guard;
    private final Clock clock;
    private final SecureRandom random;

    /** @param namespace the operator's own, where the Secrets are */
    public BucketGrants(
            String namespace,
            ApiReader reader,
            SealingCertificates certificates,
            RemovalGuard guard,
            Clock clock,
            SecureRandom random) {
        this.namespace = namespace;
        this.reader = reader;
        this.certificates = certificates;
        this.guard = guard;
        this.clock = clock;
        this.random = random;
    }

    /** There is no access, for a reason that people can do something about. */
    private static final class NoAccessException extends Exception {
        private static final long serialVersionUID = 1L;

        NoAccessException(String message) {
            super(message);
        }
    }

    private AccountAccess account(S3 bucket) throws NoAccessException {
        if (URI.create(bucket.endpoint()).getHost() == null) {
            throw new NoAccessException(
                    "spec.s3.endpoint of the BackupLocation names no host: replace the BackupLocation");
        }
        String name = bucket.secretRef().name();
        String named = "spec.s3.secretRef of the BackupLocation names " + name + ": ";
        ServerSecret secret = reader.secret(namespace, name)
                .map(ServerSecret::new)
                .orElseThrow(() -> new NoAccessException(
                        named + "there is no such Secret in namespace " + namespace + "; create it there"));
        try {
            if (secret.credentials() instanceof PullCredentials.Basic account) {
                return new AccountAccess(bucket, account, RunGrants.VALIDITY, clock);
            }
            throw new NoAccessException(named + "the Secret must have type kubernetes.io/basic-auth; replace it");
        } catch (IllegalArgumentException e) {
            throw new NoAccessException(named + e.getMessage() + "; replace the Secret");
        }
    }

    private S3Store store(BackupLocationSpec location) throws NoAccessException, BackupStoreException {
        return store(account(location.s3()), location);
    }

    /** Where every use of a bucket passes: as the store that the location means. */
    private static S3Store store(AccountAccess account, BackupLocationSpec location) throws BackupStoreException {
        if (location.id() == null) {
            throw new BackupStoreException(
                    StoreFault.UNMARKED,
                    "spec.id of the BackupLocation is not set: it does not say which store it means");
        }
        return new S3Store(account, UUID.fromString(location.id()));
    }

    /** @param toMake the ID of a marker to make before, unless there is one */
    Result<Optional<UUID>> marker(S3 bucket, Optional<UUID> toMake) {
        return attempt(
                () -> {
                    S3Marker marker = new S3Marker(account(bucket));
                    if (toMake.isPresent()) {
                        marker.make(toMake.get());
                    }
                    return marker.find();
                },
                Reason.MarkerRefused,
                "",
                "");
    }

    @Override
    public Optional<Problem> problem(BackupLocationSpec location) {
        return attempt(() -> {
                    store(location).probe();
                    return location;
                })
                .refusal();
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T get() throws NoAccessException, BackupStoreException;
    }

    private static <T> Result<T> attempt(Attempt<T> attempt) {
        return attempt(
                attempt,
                Reason.BackupLocationUnavailable,
                "; then it goes on by itself",
                "; it goes on once the bucket can be used");
    }

    /** @param unmarked the reason, if the bucket is not known to be the store that is meant */
    private static <T> Result<T> attempt(Attempt<T> attempt, Reason unmarked, String onceUsable, String onceAvailable) {
        try {
            return new Result.Value<>(attempt.get());
        } catch (NoAccessException e) {
            return refused(Reason.BackupSecretUnusable, e.getMessage() + onceUsable);
        } catch (BackupStoreException e) {
            return switch (e.fault()) {
                case NOT_REMOVABLE ->
                    refused(Reason.RemovalRefused, e.getMessage() + "; it is tried again every five minutes");
                case UNMARKED -> refused(unmarked, e.getMessage() + onceAvailable);
                default -> refused(Reason.BackupLocationUnavailable, e.getMessage() + onceAvailable);
            };
        } catch (NoRecipientException e) {
            return refused(Reason.BackupPending, e.getMessage());
        }
    }

    private static <T> Result<T> refused(Reason reason, String message) {
        return new Result.Refused<>(new Problem(reason, message));
    }

    @Override
    public Result<BackupRunSpec.Envelope> seal(BackupRun run, BackupLocationSpec location, Machine machine) {
        return seal(run, run.getSpec().nodeName(), () -> toWrite(run, location, machine));
    }

    @Override
    public Result<BackupRunSpec.Envelope> sealToVerify(StoredBackupRun run, BackupLocationSpec location) {
        StoredBackupRunSpec spec = run.getSpec();
        UUID vm = UUID.fromString(spec.vmRef().uid());
        BackupId id = new BackupId(vm, UUID.fromString(run.getMetadata().getUid()));
        BackupRef wanted = ref(vm, spec.backupUID(), spec.indexSHA256());
        List<BackupId> alreadyRead = Optional.ofNullable(spec.alreadyRead()).stream()
                .flatMap(read -> read.backups().stream())
                .map(backup -> new BackupId(vm, UUID.fromString(backup.uid())))
                .toList();
        return seal(run, spec.nodeName(), () -> toRead(id, location, wanted, alreadyRead));
    }

    @Override
    public Result<byte[]> toRestore(BackupLocationSpec location, BackupRef wanted, UUID restore) {
        return attempt(() -> toRead(new BackupId(wanted.id().vm(), restore), location, wanted, List.of())
                .encoded());
    }

    private Result<BackupRunSpec.Envelope> seal(HasMetadata run, String node, Attempt<GrantedAccess> grant) {
        return attempt(() -> {
            // Before the bucket is asked for nothing.
            VerifiedCertificate recipient =
                    certificates.recipient(node, reader.clusterNode(node).flatMap(ClusterNode::status));
            Instant signed = clock.instant();
            SealedEnvelope sealed = SealedEnvelope.of(
                    recipient,
                    StoreEnvelope.seal(
                            grant.get().encoded(),
                            new StoreEnvelope.Address(run.getMetadata().getUid(), node),
                            recipient,
                            random));
            return new BackupRunSpec.Envelope(
                    sealed.base64(),
                    signed.plus(RunGrants.VALIDITY)
                            .truncatedTo(ChronoUnit.SECONDS)
                            .toString());
        });
    }

    private GrantedAccess toWrite(BackupRun run, BackupLocationSpec location, Machine machine)
            throws NoAccessException, BackupStoreException {
        AccountAccess account = account(location.s3());
        S3Store store = store(account, location);
        PackLimits packs = PackLimits.of(diskBytes(machine));
        requireSendable(packs, diskBytes(machine));
        store.probe();
        return GrantedAccess.toWrite(id(run), account, packs, earlier(run, store));
    }

    private static long diskBytes(Machine machine) {
        return machine.osDiskBytes()
                + machine.dataDisks().stream().mapToLong(Disk::bytes).sum();
    }

    private static void requireSendable(PackLimits packs, long diskBytes) throws BackupStoreException {
        if (packs.mostBytes() > MOST_BYTES) {
            throw new BackupStoreException(
                    StoreFault.FAILED,
                    "the disks of the VM have " + diskBytes + " bytes together, of which files of up to "
                            + packs.mostBytes() + " bytes are made, and a bucket takes " + MOST_BYTES
                            + " in one piece: use a BackupLocation that is a folder");
        }
    }

    /** Those that are whole, the newest first. */
    private static List<BackupIndex> earlier(BackupRun run, S3Store store) throws BackupStoreException {
        UUID vm = UUID.fromString(run.getSpec().vmRef().uid());
        List<BackupIndex> earlier = new ArrayList<>();
        for (BackupRunSpec.Completed completed : run.getSpec().completed()) {
            if (!completed.unusable() && earlier.size() < EARLIER) {
                index(store, ref(vm, completed.uid(), completed.indexSHA256()))
                        .filter(GrantedAccess::canBeCompared)
                        .ifPresent(earlier::add);
            }
        }
        return earlier;
    }

    private static BackupRef ref(UUID vm, String backup, String indexSHA256) {
        return new BackupRef(new BackupId(vm, UUID.fromString(backup)), indexSHA256);
    }

    /** The one on record, if it is there; otherwise the run's node finds out what is the matter. */
    private static Optional<BackupIndex> index(S3Store store, BackupRef wanted) throws BackupStoreException {
        return switch (StoredIndex.read(store, wanted)) {
            case StoredIndex.Reading.Whole(BackupIndex index) -> Optional.of(index);
            case StoredIndex.Reading.Unusable unusable -> Optional.empty();
        };
    }

    private GrantedAccess toRead(BackupId run, BackupLocationSpec location, BackupRef wanted, List<BackupId> compared)
            throws NoAccessException, BackupStoreException {
        AccountAccess account = account(location.s3());
        S3Store store = store(account, location);
        return GrantedAccess.toRead(run, account, wanted.id(), index(store, wanted), compared);
    }

    private static BackupId id(BackupRun run) {
        return new BackupId(
                UUID.fromString(run.getSpec().vmRef().uid()),
                UUID.fromString(run.getMetadata().getUid()));
    }

    @Override
    public Optional<Problem> remove(BackupLocationSpec location, VMBackup backup) {
        Optional<Problem> kept = guard.problem(backup);
        if (kept.isPresent()) {
            return kept;
        }
        BackupId id = new BackupId(
                UUID.fromString(backup.getStatus().vmUID()),
                UUID.fromString(backup.getStatus().backupUID()));
        String then = "; the files are then removed by themselves";
        Attempt<Optional<String>> removal = () -> BackupRemoval.remove(store(location), id);
        return switch (attempt(removal, Reason.BackupLocationUnavailable, then, then)) {
            case Result.Refused<Optional<String>>(Problem problem) -> Optional.of(problem);
            case Result.Value<Optional<String>>(Optional<String> unknown) ->
                unknown.map(why -> new Problem(
                        Reason.PacksInUse,
                        "files of the backup that others of the VM may need stay for now: " + why
                                + "; it is tried again every five minutes"));
        };
    }

    @Override
    public void removeFiles(BackupRun run, BackupLocationSpec location) {
        try {
            store(location).removeFiles(id(run));
        } catch (NoAccessException | BackupStoreException e) {
            LOG.warn("What run {} has uploaded stays: {}", run.getMetadata().getName(), e.getMessage());
        }
    }
}
