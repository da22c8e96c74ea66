package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.agent.imagesource.Progress;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec;
import io.trustedlaunch.api.image.ImageCopySpec.FileSource;
import io.trustedlaunch.api.image.ImageCopySpec.Image;
import io.trustedlaunch.api.image.ImageCopySpec.Location;
import io.trustedlaunch.api.image.ImageCopySpec.Source;
import io.trustedlaunch.api.image.ImageCopySpecBuilder;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Image copies for tests. */
final class ImageCopies {
    static final String NODE = "host-a";
    static final UUID UID = UUID.fromString("51c7b1f2-6a6e-4b58-9d9b-0c7f5e7f3a01");
    static final UUID IMAGE = UUID.fromString("0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11");

    /** Progress without a listener. */
    static final Progress UNHEARD = (done, total) -> {};

    private ImageCopies() {}

    /** Sources without sealed credentials. */
    static ImageSources sources() {
        return new ImageSources(
                (envelope, expected) -> {
                    throw new AssertionError("nothing is sealed here");
                },
                NODE);
    }

    /** A copy of the file {@code path} below the location that it is copied to. */
    static ImageCopy of(Path location, String path, String sha256) {
        return at(NODE, UID, location, path, sha256);
    }

    static ImageCopy at(String node, UUID uid, Path location, String path, String sha256) {
        Location place = new Location("default", location.toString());
        ImageCopy copy = new ImageCopy();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName(IMAGE + "-" + node)
                .withUid(uid.toString())
                .withResourceVersion("1")
                .withGeneration(1L)
                .withFinalizers(Api.IMAGE_FINALIZER)
                .build());
        copy.setSpec(ImageCopySpecBuilder.builder()
                .image(new Image("proof", IMAGE.toString()))
                .storageLocation(place)
                .nodeName(node)
                .source(new Source(new FileSource(place, path), null, null))
                .sha256(sha256)
                .build());
        return copy;
    }

    /** A copy of an image whose size is in a catalog. */
    static ImageCopy sized(ImageCopy copy, long bytes) {
        ImageCopySpec spec = copy.getSpec();
        copy.setSpec(ImageCopySpecBuilder.builder(spec)
                .size(ByteSize.quantity(bytes))
                .build());
        return copy;
    }

    static ImageCopy ofDisc(ImageCopy copy) {
        copy.setSpec(ImageCopySpecBuilder.builder(copy.getSpec())
                .form(GuestImageForm.Disc)
                .build());
        return copy;
    }

    static ImageCopy withStatus(ImageCopy copy, ImageCopyStatus status) {
        copy.setStatus(status);
        return copy;
    }

    static ImageCopy deleted(ImageCopy copy) {
        copy.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");
        return copy;
    }

    static String sha256(Path file) {
        try {
            return Sha256.of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
