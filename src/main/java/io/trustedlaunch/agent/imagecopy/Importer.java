package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.ImageForm;
import io.trustedlaunch.agent.disks.Progress;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.disks.VerifiedImage.Format;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** Brings one image to one location: nothing has its final name before it is verified, and nothing else ever has. */
final class Importer {
    private final String nodeName;
    private final Function<ImageCopy, Origin> origins;
    private final QemuImg qemuImg;
    private final Supplier<UUID> names;
    private final Failpoints failpoints;

    /** @param names of what is converted: a tool that outlived a dead agent may still write into what it was given */
    Importer(
            String nodeName,
            Function<ImageCopy, Origin> origins,
            QemuImg qemuImg,
            Supplier<UUID> names,
            Failpoints failpoints) {
        this.nodeName = nodeName;
        this.origins = origins;
        this.qemuImg = qemuImg;
        this.names = names;
        this.failpoints = failpoints;
    }

    /** What was downloaded stays for the next try, unless it is of no use. */
    void bring(ImageCopy copy, CopyFolder folder, Progress progress) throws IOException {
        UUID uid = UUID.fromString(copy.getMetadata().getUid());
        try {
            make(copy, uid, folder, progress);
            folder.removeWorkplace(nodeName, uid);
        } catch (RefusedException | CancelledImportException e) {
            folder.removeWorkplace(nodeName, uid);
            throw isOfSpace(e) ? noSpace(copy) : e;
        } catch (IOException e) {
            if (NoSpace.isCauseOf(e)) {
                folder.removeWorkplace(nodeName, uid);
                throw noSpace(copy);
            }
            throw e;
        }
    }

    private void make(ImageCopy copy, UUID uid, CopyFolder folder, Progress progress) throws IOException {
        Path workplace = folder.clearWorkplace(nodeName, uid);
        Path download = folder.download(nodeName, uid);
        origins.apply(copy).bring(download, progress);
        failpoints.reached(Failpoint.IMPORTER_FETCHED);
        ImageForm form = ImageForm.of(copy.getSpec().image().name(), download, qemuImg);
        UUID image = UUID.fromString(copy.getSpec().image().uid());
        if (form.isRaw()) {
            folder.publish(download, image, Format.raw);
        } else {
            progress.at("converting image " + copy.getSpec().image().name(), 0, 0);
            qemuImg.check(download, form.format());
            Path converted = workplace.resolve(names.get() + ".qcow2");
            qemuImg.convert(download, form.format(), converted);
            failpoints.reached(Failpoint.IMPORTER_CONVERTED);
            folder.publish(converted, image, Format.qcow2);
        }
        failpoints.reached(Failpoint.IMPORTER_PUBLISHED);
    }

    private static boolean isOfSpace(RuntimeException e) {
        return e instanceof RefusedException refused && refused.reason() == Reason.NoSpace;
    }

    private static RefusedException noSpace(ImageCopy copy) {
        return new RefusedException(
                Reason.NoSpace,
                "no space left for a copy of image " + copy.getSpec().image().name() + " in storage location "
                        + copy.getSpec().storageLocation().path() + ": free or add some");
    }
}
