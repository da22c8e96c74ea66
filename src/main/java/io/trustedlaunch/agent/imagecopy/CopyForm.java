package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.imageform.DiscInspector;
import io.trustedlaunch.agent.imageform.ImageForm;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.ImageCopy;
import java.io.IOException;
import java.nio.file.Path;

/** Inspects a file as what its ImageCopy says that it is: a disk, or a disc. */
final class CopyForm {
    private CopyForm() {}

    static ImageForm inspect(ImageCopy copy, Path file) throws IOException {
        return copy.getSpec().form() == GuestImageForm.Disc
                ? DiscInspector.inspect(file)
                : ImageInspector.inspect(file);
    }
}
