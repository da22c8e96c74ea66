package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Entry;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.FolderRequest;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import java.util.Optional;
import java.util.Set;

/** Asks the gate before the folder of an incarnation. What it refuses is thrown; empty: it is to be asked again soon. */
public record FolderAccess(FolderGate gate) {
    Optional<Permit> toPrepare(IncarnationFacts facts) {
        return permit(gate.toPrepare(facts.folderRequest()));
    }

    Optional<Permit> toClaim(IncarnationFacts facts) {
        return permit(gate.toClaim(facts.folderRequest()));
    }

    Optional<Permit> toResume(IncarnationFacts facts, Ek here) {
        return permit(gate.toResume(facts.folderRequest(), here.digest()));
    }

    Optional<Permit> toContinue(IncarnationFacts facts) {
        return permit(gate.toContinue(facts.folderRequest()));
    }

    Optional<Permit> toAddDisk(IncarnationFacts facts) {
        return permit(gate.toAddDisk(facts.folderRequest()));
    }

    Permit toReceive(IncarnationFacts facts) {
        return permit(gate.toReceive(facts.folderRequest())).orElseThrow();
    }

    Permit toTakeOver(IncarnationFacts facts) {
        return permit(gate.toTakeOver(facts.folderRequest())).orElseThrow();
    }

    /** The operator leaves out, by then, what counted for a start and does not any more. */
    Entry toErase(IncarnationFacts facts) {
        FolderRequest request = new FolderRequest(
                facts.spec().vmRef(),
                facts.epoch(),
                facts.homeFolder(),
                facts.spec().firstStart(),
                Set.copyOf(facts.spec().afterFences()));
        return gate.toErase(request, version -> isAnothers(facts, version));
    }

    /**
     * The key that opens the state is destroyed by then. But as long as an incarnation names the cluster that the VM was
     * recovered from, this one has no claim on record: of a later epoch, only this node's own counts.
     */
    private static boolean isAnothers(IncarnationFacts facts, GuestStateVersion version) {
        boolean isSealedHere = facts.record()
                .found()
                .flatMap(VmRecord::newest)
                .filter(newest -> newest.epoch().equals(version.epoch()))
                .isPresent();
        return !isSealedHere
                && Optional.ofNullable(facts.spec().recoveredFrom())
                        .filter(former -> version.epoch() > former.epoch())
                        .isPresent();
    }

    private static Optional<Permit> permit(Entry entry) {
        return switch (entry) {
            case Entry.Granted(Permit permit) -> Optional.of(permit);
            case Entry.Awaited awaited -> Optional.empty();
            case Entry.Refused(Problem problem) -> throw new RefusedException(problem);
            case Entry.Superseded(Problem problem) -> throw new RefusedException(problem);
        };
    }
}
