package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.ImageSource;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopySpec.FileSource;
import java.nio.file.Path;

/** From what a copy says of its source to where its bytes come from. */
final class Origins {
    private Origins() {}

    static Origin of(ImageCopy copy) {
        FileSource file = copy.getSpec().source().file();
        return new ImageSource(
                copy.getSpec().image().name(),
                Path.of(file.storageLocation().path()),
                file.path(),
                copy.getSpec().sha256())::bring;
    }
}
