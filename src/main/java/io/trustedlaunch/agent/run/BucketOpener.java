package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.BackupRunSpec;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Store;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;

/** Opens the bucket of a run, with what the operator has sealed to this node. */
@FunctionalInterface
public interface BucketOpener {
    /** A server that is away for longer fails the run. */
    Retries RETRIES = Retries.upTo(Duration.ofMinutes(5));

    /** @throws RefusedException if the envelope was not sealed to this node, or not for this run */
    BackupStore open(BackupId run, BackupRunSpec.Envelope envelope) throws BackupStoreException;

    /** Opens an envelope. */
    @FunctionalInterface
    interface Envelopes {
        /** @throws RefusedException if it was not sealed to this node, or not for this run */
        byte[] open(byte[] envelope, UUID run);
    }

    static BucketOpener of(Envelopes envelopes) {
        return (run, envelope) -> new S3Store(access(envelopes, run, envelope.sealed()), RETRIES);
    }

    private static GrantedAccess access(Envelopes envelopes, BackupId run, String sealed) {
        try {
            GrantedAccess access =
                    GrantedAccess.decode(envelopes.open(Base64.getDecoder().decode(sealed), run.backup()));
            if (access.id().equals(run)) {
                return access;
            }
            throw new IllegalArgumentException("the signed URLs are for another backup");
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }
}
