package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.Progress;
import java.io.IOException;
import java.nio.file.Path;

/** Where an image's bytes come from. */
@FunctionalInterface
interface Origin {
    /**
     * Returns only if the file has the digest that it should have.
     *
     * @param staged private; what an earlier try left there may be gone on with
     */
    void bring(Path staged, Progress progress) throws IOException;
}
