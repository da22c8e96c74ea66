package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.ProtectionKey;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;

/**
 * The facts, besides the VM, from which the filling of its disks is planned.
 *
 * @param run the DiskFill of the fill on record
 * @param location with the backup, as it was when the fill began; read only until its guest runs, and while an envelope is due
 * @param grant what the node may ask of a bucket; read only while an envelope is due
 * @param copied the key of the VM that the backup is of, if that is another one; read only while an envelope is due
 */
@RecordBuilder
public record FillFacts(
        Optional<DiskFill> run,
        Optional<BackupLocation> location,
        Optional<Result<byte[]>> grant,
        Optional<Result<ProtectionKey>> copied) {
    public static final FillFacts NONE =
            new FillFacts(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** The DiskFill that was created for this; another one of its name is to be removed. */
    public Optional<DiskFill> runOf(VmObject vm, String node) {
        return vm.diskFill().flatMap(fill -> run.filter(found -> found.getSpec().isFor(vm.resource(), fill, node)));
    }

    /**
     * Whether its node needs another envelope: it has another key now, or half of the time has passed for which URLs are signed.
     *
     * @param sealingKey the identifier of the node's key; if it is unknown, the envelope could not be replaced
     */
    public static boolean isSealDue(DiskFill run, Optional<String> sealingKey, Instant now) {
        return sealingKey
                        .filter(key -> !Envelope.isSealedTo(key, envelope(run)))
                        .isPresent()
                || (run.getSpec().location().s3() != null && expiresSoon(run, now));
    }

    private static byte[] envelope(DiskFill run) {
        try {
            return Base64.getDecoder().decode(run.getSpec().envelope());
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** A time that cannot be read is none, and so is one that no clock which is right has set. */
    private static boolean expiresSoon(DiskFill run, Instant now) {
        try {
            return Optional.ofNullable(run.getSpec().expirationTime())
                    .map(Instant::parse)
                    .filter(time ->
                            now.plus(RestoreGrants.VALIDITY.dividedBy(2)).isBefore(time)
                                    && !RecordedTime.isFuture(time.minus(RestoreGrants.VALIDITY), now))
                    .isEmpty();
        } catch (DateTimeParseException e) {
            return true;
        }
    }
}
