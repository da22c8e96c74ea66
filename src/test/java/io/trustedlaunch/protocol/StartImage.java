package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.disks.VerifiedImage;
import java.nio.file.Path;

/** The image of all first starts; the fake disk tool does not read it. */
final class StartImage {
    static final VerifiedImage RAW = new VerifiedImage(Path.of("image.raw"), VerifiedImage.Format.raw, 64 << 10);

    private StartImage() {}
}
