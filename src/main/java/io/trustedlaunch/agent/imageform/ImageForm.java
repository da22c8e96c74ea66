package io.trustedlaunch.agent.imageform;

import io.trustedlaunch.catalog.ImageFormat;

/** The result of an inspection. */
public sealed interface ImageForm {
    /**
     * A tool may open it, but only as this format.
     *
     * @param virtualBytes the size of the disk inside
     */
    record Accepted(ImageFormat format, long virtualBytes) implements ImageForm {}

    /** No tool may open it. */
    record Refused(ImageFault fault) implements ImageForm {}
}
