package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;
import java.time.InstantSource;
import java.util.function.Function;

/** Reports the status of copies; writes only changes. */
final class ImportStatusReporter {
    private final ImportStatusWriter writer;
    private final InstantSource clock;
    private final OwnWrites<ImageCopy> written = new OwnWrites<>();

    ImportStatusReporter(ImportStatusWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /** Returns when the API server has the status. */
    void report(ImageCopy seen, Function<ImportStatus, ImageCopyStatus> build) {
        ImageCopy latest = written.latest(seen);
        ImageCopyStatus status = build.apply(new ImportStatus(latest, clock.instant()));
        if (!status.equals(latest.getStatus())) {
            written.wrote(latest, writer.write(latest, status));
        }
    }
}
