package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.agent.imagesource.ImageSource;
import io.trustedlaunch.agent.imagesource.Progress;
import io.trustedlaunch.agent.imagesource.WantedImage;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;

/** Imports one image into one location. Only a verified file gets the final name. */
final class Importer {
    private final String nodeName;
    private final Function<ImageCopy, ImageSource> sources;
    private final Failpoints failpoints;

    Importer(String nodeName, Function<ImageCopy, ImageSource> sources, Failpoints failpoints) {
        this.nodeName = nodeName;
        this.sources = sources;
        this.failpoints = failpoints;
    }

    /** Imports the image. A download stays for the next attempt, unless it is useless. */
    void run(ImageCopy copy, ImageFolder folder, Progress progress) throws IOException {
        UUID uid = UUID.fromString(copy.getMetadata().getUid());
        try {
            make(copy, uid, folder, progress);
            folder.removeWorkplace(nodeName, uid);
        } catch (WrongImageException e) {
            folder.removeWorkplace(nodeName, uid);
            throw e;
        } catch (RefusedException e) {
            if (e.reason() == Reason.NoSpace) {
                folder.removeWorkplace(nodeName, uid);
            }
            throw e;
        } catch (UncheckedIOException e) {
            throw failed(copy, uid, folder, e.getCause());
        } catch (IOException e) {
            throw failed(copy, uid, folder, e);
        }
    }

    /** On a full disk the download is removed, because running VMs need the space. */
    private IOException failed(ImageCopy copy, UUID uid, ImageFolder folder, IOException cause) throws IOException {
        if (!NoSpace.isCauseOf(cause)) {
            return cause;
        }
        folder.removeWorkplace(nodeName, uid);
        throw new RefusedException(
                Reason.NoSpace,
                "there is no space for a copy of image "
                        + copy.getSpec().image().name() + " in storage location "
                        + copy.getSpec().storageLocation().path() + "; free or add space");
    }

    private void make(ImageCopy copy, UUID uid, ImageFolder folder, Progress progress) throws IOException {
        folder.clearWorkplace(nodeName, uid);
        Path download = folder.download(nodeName, uid);
        String name = copy.getSpec().image().name();
        WantedImage wanted = new WantedImage(name, copy.getSpec().sha256(), bytes(copy));
        sources.apply(copy).fetch(download, wanted, progress);
        failpoints.reached(Failpoint.IMPORTER_FETCHED);
        if (CopyForm.inspect(copy, download) instanceof Refused refused) {
            throw new WrongImageException(
                    Reason.ImageUnusable,
                    "image " + name + " cannot be used: " + refused.fault().message());
        }
        folder.publish(download, UUID.fromString(copy.getSpec().image().uid()));
        failpoints.reached(Failpoint.IMPORTER_PUBLISHED);
    }

    private static OptionalLong bytes(ImageCopy copy) {
        Quantity size = copy.getSpec().size();
        return size == null ? OptionalLong.empty() : OptionalLong.of(ByteSize.of(size));
    }
}
