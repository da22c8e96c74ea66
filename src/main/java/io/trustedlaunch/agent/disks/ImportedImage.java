package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.imagesource.WantedImage;
import java.nio.file.Path;

/**
 * The copy of an image in a storage location. It was verified when it was imported; a writer of the location may have changed it
 * since.
 *
 * @param path below {@code location}
 */
public record ImportedImage(Path location, String path, WantedImage wanted) {
    Path file() {
        return location.resolve(path);
    }
}
