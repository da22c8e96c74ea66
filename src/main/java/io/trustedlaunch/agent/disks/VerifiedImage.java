package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A verified copy of an image, which only root can change.
 *
 * @param virtualBytes the size of the disk inside
 */
public record VerifiedImage(Path file, Format format, long virtualBytes) {
    /** The formats of copies; images in other formats are converted. */
    public enum Format {
        raw(ImageFormat.raw),
        qcow2(ImageFormat.qcow2);

        private final ImageFormat imageFormat;

        Format(ImageFormat imageFormat) {
            this.imageFormat = imageFormat;
        }

        ImageFormat imageFormat() {
            return imageFormat;
        }
    }

    /** @param file complete, and verified to have this format */
    public static VerifiedImage of(Path file, Format format) throws IOException {
        return new VerifiedImage(
                file,
                format,
                switch (format) {
                    case raw -> Files.size(file);
                    case qcow2 ->
                        ImageInspector.virtualSizeOfQcow2(file)
                                .orElseThrow(() -> new IOException("the copy " + file + " is not a valid qcow2"));
                });
    }
}
