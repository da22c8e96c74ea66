package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.image.ImageCopy;
import java.util.Optional;

/** The next step for the first starts that wait for an image. */
sealed interface ImportStep {
    /** @param from the version of its envelope; empty if it needs none */
    record Create(ImageCopy copy, Optional<String> from) implements ImportStep {}

    /** The catalogs list another size than the copy was created with. */
    record Resize(ImageCopy copy, Quantity size) implements ImportStep {}

    /** Its envelope is missing, or has an old version. */
    record Seal(ImageCopy copy, String from) implements ImportStep {}

    /** The image is imported: credentials that do not exist cannot leak. */
    record RemoveEnvelope(ImageCopy copy) implements ImportStep {}

    /** An import is under way, or cannot begin yet. Its agent may die without an event. */
    record Watch() implements ImportStep {}

    record Settled() implements ImportStep {}
}
