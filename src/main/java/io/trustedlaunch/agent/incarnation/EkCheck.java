package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import java.util.List;
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

    /** Checked before a guest is let come here: afterwards it could not go back. */
    void requireOneOnRecord(IncarnationFacts facts) {
        List<String> known = onRecord(facts).distinct().toList();
        if (known.size() > 1) {
            throw new RefusedException(
                    Reason.EkMismatch,
                    "the VM's endorsement key is " + known.getFirst() + ", and this node remembers " + known.getLast()
                            + ": it once had another TPM of this VM, or its disk was set back. The guest stays where it is;"
                            + " migrate it to another node");
        }
    }

    RefusedException mismatch(IncarnationFacts facts, Ek found) {
        return new RefusedException(
                Reason.EkMismatch,
                "the TPM's endorsement key is " + found.digest() + ", on record is "
                        + onRecord(facts)
                                .filter(known -> !known.equals(found.digest()))
                                .findFirst()
                                .orElseThrow()
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
