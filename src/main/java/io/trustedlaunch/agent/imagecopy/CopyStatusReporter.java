package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import java.time.InstantSource;
import java.util.function.Function;

/** Tells what became of a copy, once: what is told already is not written again. */
final class CopyStatusReporter {
    private final CopyStatusWriter writer;
    private final InstantSource clock;
    private final OwnWrites<ImageCopy> written = new OwnWrites<>();

    CopyStatusReporter(CopyStatusWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /** Returns when the API server has it. */
    void tell(ImageCopy seen, Function<CopyStatus, ImageCopyStatus> words) {
        ImageCopy latest = written.latest(seen);
        ImageCopyStatus status = words.apply(new CopyStatus(latest, clock.instant()));
        if (!status.equals(latest.getStatus())) {
            written.wrote(latest, writer.write(latest, status));
        }
    }
}
