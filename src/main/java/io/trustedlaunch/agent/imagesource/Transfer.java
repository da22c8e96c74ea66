package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The steps of every fetch, whatever the source. */
final class Transfer {
    private final FreeSpace space;

    Transfer(FreeSpace space) {
        this.space = space;
    }

    /** Appends the missing bytes to a file. */
    @FunctionalInterface
    interface Feed {
        /** @throws IOException for errors of the file, not of the source */
        void into(StagedFile file) throws IOException;
    }

    /** @param source for messages */
    void run(String source, Path staged, WantedImage wanted, Progress progress, Feed feed) {
        try (StagedFile file = StagedFile.open(staged, wanted, space, progress)) {
            if (!file.isWanted()) {
                feed(file, feed);
            }
            if (!file.isWanted() && file.hasEarlierBytes()) {
                // Parts of two versions, or bytes damaged by a power cut.
                file.startOver();
                feed(file, feed);
            }
            file.requireWanted(source);
        } catch (IOException e) {
            throw failed(staged, wanted, e);
        }
    }

    private static void feed(StagedFile file, Feed feed) throws IOException {
        long before = file.length();
        try {
            feed.into(file);
        } catch (TryLaterException e) {
            throw file.length() > before ? e.withProgress() : e;
        }
    }

    private static RuntimeException failed(Path staged, WantedImage wanted, IOException cause) {
        if (!NoSpace.isCauseOf(cause)) {
            return new UncheckedIOException("cannot write " + staged + ": " + cause.getMessage(), cause);
        }
        try {
            StagedFile.remove(staged);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return new RefusedException(
                Reason.NoSpace,
                "there is no space for image " + wanted.name() + " in " + staged.getParent() + "; free or add space",
                cause);
    }
}
