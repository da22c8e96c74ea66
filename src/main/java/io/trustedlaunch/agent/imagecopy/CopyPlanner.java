package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.imagecopy.CopyStep.Import;
import io.trustedlaunch.agent.imagecopy.CopyStep.Remove;
import io.trustedlaunch.agent.imagecopy.CopyStep.TellReady;
import io.trustedlaunch.agent.imagecopy.CopyStep.TellRemoved;

/** From what is in a storage location to what is to be done for a copy. */
final class CopyPlanner {
    private CopyPlanner() {}

    static CopyStep plan(CopyFacts facts) {
        if (facts.copy().isMarkedForDeletion()) {
            return facts.found().isPresent() || facts.begun() ? new Remove() : new TellRemoved();
        }
        return facts.found().<CopyStep>map(TellReady::new).orElseGet(Import::new);
    }
}
