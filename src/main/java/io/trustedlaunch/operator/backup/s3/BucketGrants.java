package io.trustedlaunch.operator.backup.s3;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupFiles;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.s3.BegunUpload;
import io.trustedlaunch.backup.s3.GrantedAccess;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signs with the account of a BackupLocation, whose Secret is read each time: it is not watched, and may be replaced. */
public final class BucketGrants implements RunGrants, RestoreGrants {
    private static final Logger LOG = LoggerFactory.getLogger(BucketGrants.class);

    /** So that the URLs of a run can be read in one piece. */
    private static final int MAX_PARTS_OF_A_DISK = 1000;

    /** Of a disk's file: the header of LUKS and the tables of qcow2. The latter have a byte for 4 KiB of the disk. */
    private static final long HEADERS = 64L << 20;

    private static final int TABLES = 1024;

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
                return new AccountAccess(bucket, account, VALIDITY, clock);
            }
            throw new NoAccessException(named + "the Secret must have type kubernetes.io/basic-auth; replace it");
        } catch (IllegalArgumentException e) {
            throw new NoAccessException(named + e.getMessage() + "; replace the Secret");
        }
    }

    @Override
    public Optional<Problem> problem(S3 bucket) {
        return attempt(() -> {
                    new S3Store(account(bucket)).probe();
                    return bucket;
                })
                .refusal();
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T get() throws NoAccessException, BackupStoreException;
    }

    private static <T> Result<T> attempt(Attempt<T> attempt) {
        return attempt(attempt, "; then it goes on by itself", "; it goes on once the bucket can be used");
    }

    private static <T> Result<T> attempt(Attempt<T> attempt, String onceUsable, String onceAvailable) {
        try {
            return new Result.Value<>(attempt.get());
        } catch (NoAccessException e) {
            return refused(Reason.BackupSecretUnusable, e.getMessage() + onceUsable);
        } catch (BackupStoreException e) {
            return e.fault() == StoreFault.NOT_REMOVABLE
                    ? refused(Reason.RemovalRefused, e.getMessage() + "; it is tried again every five minutes")
                    : refused(Reason.BackupLocationUnavailable, e.getMessage() + onceAvailable);
        } catch (NoRecipientException e) {
            return refused(Reason.BackupPending, e.getMessage());
        }
    }

    private static <T> Result<T> refused(Reason reason, String message) {
        return new Result.Refused<>(new Problem(reason, message));
    }

    @Override
    public Result<BackupRunSpec.Envelope> seal(BackupRun run, S3 bucket, Machine machine) {
        return seal(run, run.getSpec().nodeName(), () -> toWrite(run, bucket, machine));
    }

    @Override
    public Result<BackupRunSpec.Envelope> sealToVerify(
            StoredBackupRun run, S3 bucket, BackupFiles files, List<String> others) {
        StoredBackupRunSpec spec = run.getSpec();
        UUID vm = UUID.fromString(spec.vmRef().uid());
        BackupId id = new BackupId(vm, UUID.fromString(run.getMetadata().getUid()));
        BackupId wanted = new BackupId(vm, UUID.fromString(spec.backupUID()));
        return seal(run, spec.nodeName(), () -> toRead(id, bucket, wanted, files, ids(vm, others.stream())));
    }

    @Override
    public Result<byte[]> toRestore(S3 bucket, BackupId wanted, BackupFiles files, UUID restore) {
        return attempt(() -> toRead(new BackupId(wanted.vm(), restore), bucket, wanted, files, List.of())
                .encoded());
    }

    private Result<BackupRunSpec.Envelope> seal(HasMetadata run, String node, Attempt<GrantedAccess> grant) {
        return attempt(() -> {
            // Before uploads are begun for nothing.
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
                    signed.plus(VALIDITY).truncatedTo(ChronoUnit.SECONDS).toString());
        });
    }

    private GrantedAccess toWrite(BackupRun run, S3 bucket, Machine machine)
            throws NoAccessException, BackupStoreException {
        AccountAccess account = account(bucket);
        S3Store store = new S3Store(account);
        BackupId id = id(run);
        Map<String, Long> files = mostBytesOfFiles(machine);
        int maxParts = Math.min(MAX_PARTS_OF_A_DISK, GrantedAccess.MAX_PARTS / files.size());
        for (Map.Entry<String, Long> file : files.entrySet()) {
            requireSendable(file.getKey(), file.getValue(), maxParts);
        }
        Map<String, BegunUpload> uploads = new TreeMap<>();
        for (Map.Entry<String, Long> file : files.entrySet()) {
            uploads.put(file.getKey(), store.begin(id, file.getKey(), file.getValue(), maxParts));
        }
        Stream<String> bases = run.getSpec().completed().stream().map(BackupRunSpec.Completed::uid);
        return GrantedAccess.toWrite(id, account, uploads, ids(id.vm(), bases));
    }

    private static List<BackupId> ids(UUID vm, Stream<String> backups) {
        return backups.map(uid -> new BackupId(vm, UUID.fromString(uid))).toList();
    }

    /**
     * Which files there are follows from the record, so nothing of what a node has written is read here: what is missing or
     * damaged the run's node finds.
     */
    private GrantedAccess toRead(BackupId run, S3 bucket, BackupId wanted, BackupFiles files, List<BackupId> others)
            throws NoAccessException, BackupStoreException {
        AccountAccess account = account(bucket);
        new S3Store(account).probe();
        List<BackupId> chain = Stream.concat(
                        Stream.of(wanted),
                        files.follows().stream().map(uid -> new BackupId(wanted.vm(), UUID.fromString(uid))))
                .toList();
        List<String> disks = Stream.concat(
                        Stream.of(BackupFileName.ROOT_DISK),
                        files.dataDisks().stream().map(BackupFileName::ofDataDisk))
                .toList();
        return GrantedAccess.toRead(run, account, chain, disks, others);
    }

    private static Map<String, Long> mostBytesOfFiles(Machine machine) {
        Map<String, Long> files = new TreeMap<>();
        files.put(BackupFileName.ROOT_DISK, mostBytes(machine.osDiskBytes()));
        for (Disk disk : machine.dataDisks()) {
            files.put(BackupFileName.ofDataDisk(disk.name()), mostBytes(disk.bytes()));
        }
        return files;
    }

    private static long mostBytes(long disk) {
        return disk + disk / TABLES + HEADERS;
    }

    private static void requireSendable(String file, long bytes, int maxParts) throws BackupStoreException {
        long most = maxParts * BegunUpload.MAX_PART_BYTES;
        if (bytes > most) {
            throw new BackupStoreException(
                    StoreFault.FAILED,
                    file + " may have " + bytes + " bytes, and of a VM with so many disks a file of at most " + most
                            + " can be sent to a bucket: use a BackupLocation that is a folder");
        }
    }

    private static BackupId id(BackupRun run) {
        return new BackupId(
                UUID.fromString(run.getSpec().vmRef().uid()),
                UUID.fromString(run.getMetadata().getUid()));
    }

    @Override
    public Optional<Problem> remove(S3 bucket, VMBackup backup) {
        Optional<Problem> kept = guard.problem(backup);
        if (kept.isPresent()) {
            return kept;
        }
        BackupId id = new BackupId(
                UUID.fromString(backup.getStatus().vmUID()),
                UUID.fromString(backup.getStatus().backupUID()));
        String then = "; the files are then removed by themselves";
        Attempt<S3> removal = () -> {
            S3Store store = new S3Store(account(bucket));
            store.removeIndex(id);
            store.removeFiles(id);
            return bucket;
        };
        return attempt(removal, then, then).refusal();
    }

    @Override
    public void removeFiles(BackupRun run, S3 bucket) {
        try {
            new S3Store(account(bucket)).removeFiles(id(run));
        } catch (NoAccessException | BackupStoreException e) {
            LOG.warn("What run {} has uploaded stays: {}", run.getMetadata().getName(), e.getMessage());
        }
    }
}
