package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.imagecopy.Images.Result;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.imagecopy.Images.Result.Found;
import io.trustedlaunch.agent.imageform.DiscInspector;
import io.trustedlaunch.agent.imageform.ImageForm;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The copies of discs, which guests read where they are. Before QEMU opens one, its digest and its form are checked, and QEMU's user
 * may read it.
 */
public final class DiscCopies {
    private static final int CHUNK = 1 << 20;

    private final Images images;
    private final HypervisorAccount account;
    /** A disc may be large, and each VM has it checked: a file that looks the same is not read again. */
    private final Map<Path, Verified> verified = new ConcurrentHashMap<>();

    private record Verified(String sha256, long bytes, FileTime modified, Optional<Object> file) {}

    public DiscCopies(Images images, HypervisorAccount account) {
        this.images = images;
        this.account = account;
    }

    /** Where the copy is, if it is there. */
    public static Path file(Machine machine, Image disc) {
        return new ImageFolder(Path.of(machine.location().path())).file(UUID.fromString(disc.uid()));
    }

    /** Lets QEMU open a disc of the machine, or says why there is none to open. */
    public Result show(Machine machine, Image disc) {
        Result result = images.find(
                VMIncarnationSpecMachineBuilder.builder(machine).image(disc).build());
        if (!(result instanceof Found)) {
            return result;
        }
        Path file = file(machine, disc);
        try {
            Optional<Problem> problem = problem(file, disc);
            if (problem.isPresent()) {
                return new Awaited(problem);
            }
            account.makePassage(file.getParent());
            account.show(file);
            return result;
        } catch (IOException e) {
            return new Awaited(Optional.of(new Problem(
                    Reason.DiscChangeFailed,
                    "cannot read " + file + ": " + e.getMessage() + "; check its storage location")));
        }
    }

    private Optional<Problem> problem(Path file, Image disc) throws IOException {
        Verified now = look(file, disc);
        if (now.equals(verified.get(file))) {
            return Optional.empty();
        }
        ImageForm form = DiscInspector.inspect(file);
        if (!digest(file).equals(disc.sha256())) {
            Files.deleteIfExists(file);
            return Optional.of(new Problem(
                    Reason.ImageCopyChanged,
                    "the copy of image " + disc.name() + " in " + file
                            + " is not the image any more: it was changed or replaced after its import. It is removed, and a"
                            + " node imports it again; find out who writes to that storage location"));
        }
        if (form instanceof Refused refused) {
            return Optional.of(new Problem(
                    Reason.ImageUnusable,
                    "image " + disc.name() + " cannot be used: "
                            + refused.fault().message()));
        }
        verified.put(file, now);
        return Optional.empty();
    }

    private static Verified look(Path file, Image disc) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return new Verified(
                disc.sha256(),
                attributes.size(),
                attributes.lastModifiedTime(),
                Optional.ofNullable(attributes.fileKey()));
    }

    private static String digest(Path file) throws IOException {
        Sha256 digest = new Sha256();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        try (SeekableByteChannel from =
                Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            while (from.read(chunk) >= 0) {
                digest.update(chunk.flip());
                chunk.clear();
            }
        }
        return digest.hex();
    }
}
