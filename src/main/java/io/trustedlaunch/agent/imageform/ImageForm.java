package io.trustedlaunch.agent.imageform;

import io.trustedlaunch.catalog.ImageFormat;

/** What an image turned out to be. */
public sealed interface ImageForm {
    /**
     * A tool may open it, as this format and no other.
     *
     * @param virtualBytes the size of the disk inside
     */
    record Accepted(ImageFormat format, long virtualBytes) implements ImageForm {}

    /** No tool may open it. */
    record Refused(ImageFault fault) implements ImageForm {}
}
