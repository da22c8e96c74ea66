package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Requires that the API server now names this epoch and this node as the ones that may run the VM. */
final class OwnershipCheck {
    private static final String ENDED = "; the operator ends this incarnation";

    private final Ownership.Reader reader;
    private final FenceCheck fences;
    private final BooleanSupplier dataIsCurrent;
    private final String nodeName;

    OwnershipCheck(Ownership.Reader reader, FenceCheck fences, BooleanSupplier dataIsCurrent, String nodeName) {
        this.reader = reader;
        this.fences = fences;
        this.dataIsCurrent = dataIsCurrent;
        this.nodeName = nodeName;
    }

    /**
     * Whether the VM also names its endorsement key, and what was read is of now. Until the first, the loss of this host
     * would leave a TPM that has run and that is on no record. Until the second, the data may be from a backup, and a later
     * incarnation may run elsewhere (I1). The fence counts until the guest runs; later, it is removed.
     */
    boolean requireWithKey(IncarnationFacts facts, Ek here) {
        Optional<String> recorded = require(facts).ekDigest();
        requireFence(facts);
        if (recorded.isPresent() && !recorded.get().equals(here.digest())) {
            throw new RefusedException(
                    Reason.EkMismatch,
                    "the TPM's endorsement key is " + here.digest() + ", the VM's status names " + recorded.get()
                            + ": restore the TPM's state that belongs to this VM");
        }
        return recorded.isPresent() && dataIsCurrent.getAsBoolean();
    }

    Ownership.Found require(IncarnationFacts facts) {
        return switch (reader.read(facts.spec().vmRef())) {
            case Ownership.Unread(String message) ->
                throw new RefusedException(
                        Reason.OwnershipUnread,
                        "the guest is not resumed because the VM cannot be read from the API server: " + message
                                + "; check the connection of this node to the API server");
            case Ownership.Absent absent ->
                throw new RefusedException(
                        Reason.NotTheOwner,
                        "the guest is not resumed because its TrustedLaunchVM does not exist" + ENDED);
            case Ownership.Found found -> required(facts, found);
        };
    }

    private Ownership.Found required(IncarnationFacts facts, Ownership.Found found) {
        if (!found.uid().equals(facts.spec().vmRef().owner())) {
            throw new RefusedException(
                    Reason.NotTheOwner, "the guest is not resumed because another VM has its name now" + ENDED);
        }
        if (found.epoch() != facts.epoch() || !nodeName.equals(found.nodeName())) {
            throw new RefusedException(
                    Reason.NotTheOwner,
                    "the guest is not resumed because the VM is at epoch " + found.epoch() + " on node "
                            + found.nodeName() + ", and this is epoch " + facts.epoch() + " on node " + nodeName
                            + ENDED);
        }
        if (found.deleting()) {
            throw new RefusedException(
                    Reason.NotTheOwner, "the guest is not resumed because the VM is being deleted" + ENDED);
        }
        return found;
    }

    /**
     * That the node which had the VM before is still proved dead, if the incarnation began because of that: as its spec says,
     * or as it said when this agent saw it first. The operator knows it from the VM's status, which a restore may have lost.
     */
    void requireFence(IncarnationFacts facts) {
        Path location = Path.of(facts.spec().machine().location().path());
        Stream.concat(Stream.ofNullable(facts.spec().afterFence()), facts.own().fence().stream())
                .distinct()
                .flatMap(fence -> fences
                        .problem(fence, location)
                        .filter(problem -> problem.reason() != Reason.PowerProofRequired || !isAccepted(facts, fence))
                        .stream())
                .findFirst()
                .ifPresent(problem -> {
                    throw new RefusedException(problem.reason(), problem.message());
                });
    }

    /** No guest of the VM has run before its first start; otherwise a person relies on the word, by the fence's name. */
    private boolean isAccepted(IncarnationFacts facts, String fence) {
        return facts.spec().firstStart()
                || require(facts).acceptedFence().filter(fence::equals).isPresent();
    }
}
