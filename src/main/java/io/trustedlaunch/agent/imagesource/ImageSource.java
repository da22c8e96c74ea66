package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import java.nio.file.Path;

/** Brings an image's bytes. */
public interface ImageSource {
    /**
     * When it returns, the file has exactly the wanted bytes. What is there already is taken up, wherever it came from;
     * when it throws, what has come stays there for the next time, unless it cannot be of use.
     *
     * @param staged in a folder that nobody else can change; another file beside it may belong to it
     * @throws RefusedException for what somebody has to mend
     * @throws WrongImageException where what came is another image's
     * @throws TryLaterException for what may be over the next time
     */
    void bring(Path staged, WantedImage wanted, Progress progress);
}
