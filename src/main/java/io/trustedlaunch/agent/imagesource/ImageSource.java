package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import java.nio.file.Path;

/** Where an image's bytes are fetched from. */
public interface ImageSource {
    /**
     * Fetches the image; on return the file has exactly the wanted bytes. Resumes from bytes that are there already. After an
     * exception the received bytes stay for the next attempt, unless they are useless.
     *
     * @param staged in a private folder; a second file beside it may belong to it
     * @throws RefusedException if a person has to fix the cause
     * @throws WrongImageException if the bytes are not the wanted image
     * @throws TryLaterException if the cause may be temporary
     */
    void fetch(Path staged, WantedImage wanted, Progress progress);
}
