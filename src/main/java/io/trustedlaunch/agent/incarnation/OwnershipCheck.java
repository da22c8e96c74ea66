package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.Reason;

/** Requires that the API server, asked now, names this epoch on this node as the one that may run. */
final class OwnershipCheck {
    private final Ownership.Reader reader;
    private final String nodeName;

    OwnershipCheck(Ownership.Reader reader, String nodeName) {
        this.reader = reader;
        this.nodeName = nodeName;
    }

    void require(IncarnationFacts facts) {
        switch (reader.read(facts.spec().vmRef())) {
            case Ownership.Unread(String why) ->
                throw new RefusedException(
                        Reason.OwnershipUnread, "the VM cannot be read, so that its guest is not let run: " + why);
            case Ownership.Absent absent ->
                throw new RefusedException(Reason.NotTheOwner, "the VM is gone; its guest is not let run");
            case Ownership.Found found -> require(facts, found);
        }
    }

    private void require(IncarnationFacts facts, Ownership.Found found) {
        if (!found.uid().equals(facts.spec().vmRef().owner())) {
            throw new RefusedException(
                    Reason.NotTheOwner, "another VM has this name now; the guest of the old one is not let run");
        }
        if (found.epoch() != facts.epoch() || !nodeName.equals(found.nodeName())) {
            throw new RefusedException(
                    Reason.NotTheOwner,
                    "the VM is at epoch " + found.epoch() + " on node " + found.nodeName() + "; this is epoch "
                            + facts.epoch() + " on node " + nodeName);
        }
        if (found.deleting()) {
            throw new RefusedException(Reason.NotTheOwner, "the VM is being deleted; its guest is not let run");
        }
    }
}
