package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ImageCopy;
import java.util.Optional;

/** What is to be done for the starts that wait for an image. */
sealed interface ImportStep {
    /** @param from what its envelope must be of; empty: it needs none */
    record Make(ImageCopy copy, Optional<String> from) implements ImportStep {}

    /** The catalogs say another size now than it was made with. */
    record Resize(ImageCopy copy, Quantity size) implements ImportStep {}

    /** Its envelope is missing, or of another version. */
    record Seal(ImageCopy copy, String from) implements ImportStep {}

    /** The image is there: what is not needed cannot leak. */
    record RemoveEnvelope(ImageCopy copy) implements ImportStep {}

    /** Somebody is at it; the agent that is may die. */
    record Watch() implements ImportStep {}

    record Settled() implements ImportStep {}
}
