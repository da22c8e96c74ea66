package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.agent.imagesource.LocationFile;
import io.trustedlaunch.agent.imagesource.TryLaterException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Copies an image to this host's own disk while it is hashed, and only that copy is used: a file in a storage location can
 * change after it was read. One at a time, so that they need the space of one image.
 */
final class LocalImages {
    private final Path folder;
    private final HypervisorAccount account;
    private final ReentrantLock lock = new ReentrantLock(true);

    /** Uses a file that only the administrator can change. */
    @FunctionalInterface
    interface Use {
        void with(Path image, Accepted form) throws IOException;
    }

    /** @param folder on a disk of this host, in a folder that the hypervisor can enter */
    LocalImages(Path folder, HypervisorAccount account) {
        this.folder = folder;
        this.account = account;
    }

    /** Removes also what an earlier agent process left. */
    void clear() throws IOException {
        FileTree.of(folder).delete();
    }

    /** Returns when the local copy is removed again. */
    void use(ImportedImage image, Use use) throws IOException {
        lock.lock();
        try {
            clear();
            account.makePassage(folder);
            Path local = folder.resolve("image");
            fetch(image, local);
            account.show(local);
            use.with(local, accepted(image, local));
        } finally {
            try {
                clear();
            } finally {
                lock.unlock();
            }
        }
    }

    private static void fetch(ImportedImage image, Path local) throws IOException {
        try {
            new LocationFile(image.location(), image.path()).fetch(local, image.wanted(), (done, total) -> {});
        } catch (TryLaterException e) {
            throw new RefusedException(e.reason(), e.getMessage(), e);
        } catch (RefusedException e) {
            if (e.reason() != Reason.DigestMismatch) {
                throw e;
            }
            Files.deleteIfExists(image.file());
            throw new RefusedException(
                    Reason.ImageCopyChanged,
                    "the copy of image " + image.wanted().name() + " in " + image.file()
                            + " is not the image any more: it was changed or replaced after its import. It is removed, and a"
                            + " node imports it again; find out who writes to that storage location",
                    e);
        }
    }

    /** The form is checked again after the import: it was another node's agent that read it, and maybe another version. */
    private static Accepted accepted(ImportedImage image, Path local) throws IOException {
        return switch (ImageInspector.inspect(local)) {
            case Accepted accepted -> accepted;
            case Refused refused ->
                throw new RefusedException(
                        Reason.ImageUnusable,
                        "image " + image.wanted().name() + " cannot be used: "
                                + refused.fault().message());
        };
    }
}
