package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares endorsement keys with those that the operator, this host and the incarnation's status have on record. */
final class EkCheck {
    private final VmRecordStore records;

    EkCheck(VmRecordStore records) {
        this.records = records;
    }

    boolean isOnRecord(IncarnationFacts facts, Ek found) {
        return onRecord(facts).allMatch(found.digest()::equals);
    }

    void record(IncarnationFacts facts, Ek found) {
        records.update(facts.vm(), known -> known.withEk(found.digest()));
    }

    RefusedException mismatch(IncarnationFacts facts, Ek found) {
        return new RefusedException(
                Reason.EkMismatch,
                "the TPM's endorsement key is " + found.digest() + ", on record is "
                        + onRecord(facts).findFirst().orElseThrow()
                        + ": the TPM's state was replaced; restore the one that belongs to this VM");
    }

    /** Requires the key of a state in the home to be the one on record, and records it. */
    void requireOnRecord(IncarnationFacts facts, GuestStateVersion version, String digest) {
        onRecord(facts).filter(expected -> !expected.equals(digest)).findFirst().ifPresent(expected -> {
            throw new RefusedException(
                    Reason.EkMismatch,
                    "guest state " + version + " is of a TPM with endorsement key " + digest + ", on record is "
                            + expected + ": restore the one that belongs to this VM");
        });
        records.update(facts.vm(), known -> known.withEk(digest));
    }

    private Stream<String> onRecord(IncarnationFacts facts) {
        return Stream.of(
                        Optional.ofNullable(facts.spec().ekDigest()),
                        records.require(facts.vm()).ekDigest(),
                        facts.reported().map(VMIncarnationStatus::ekDigest))
                .flatMap(Optional::stream);
    }
}
