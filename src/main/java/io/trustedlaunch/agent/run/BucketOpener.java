package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.custody.StoreEnvelope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;

/** Opens the bucket of a run, with what the operator has sealed to this node. */
@FunctionalInterface
public interface BucketOpener {
    /** A server that is away for longer fails the run. */
    Retries RETRIES = Retries.upTo(Duration.ofMinutes(5));

    /**
     * @param storeID of the store that is meant
     * @throws RefusedException if the envelope was not sealed to this node, or not for this run
     */
    BackupStore open(BackupId run, BackupRunSpec.Envelope envelope, UUID storeID) throws BackupStoreException;

    /** @param spool a folder of the agent's own, where a pack is until all of it can be sent */
    static BucketOpener of(EnvelopeOpener<StoreEnvelope.Address, byte[]> envelopes, String nodeName, Path spool) {
        return (run, envelope, storeID) -> {
            byte[] sealed = Base64.getDecoder().decode(envelope.sealed());
            StoreEnvelope.Address address =
                    new StoreEnvelope.Address(run.backup().toString(), nodeName);
            return new S3Store(access(envelopes.open(sealed, address), run), storeID, RETRIES, spool);
        };
    }

    private static GrantedAccess access(byte[] grant, BackupId run) {
        try {
            GrantedAccess access = GrantedAccess.decode(grant);
            if (access.id().equals(run)) {
                return access;
            }
            throw new IllegalArgumentException("the signed URLs are for another backup");
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }
}
