package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a working copy that a guest may be writing. swtpm replaces its file by renaming, so one read is consistent. The
 * variables are written in place, so two reads must agree on valid content.
 */
public final class WorkingCopyReader {
    /** A guest that writes its variables all the time is read again later. */
    private static final int MAX_READS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(WorkingCopyReader.class);

    private WorkingCopyReader() {}

    /**
     * Content that is returned survives a power cut in the copy.
     *
     * @throws UnsettledWorkingCopyException if the variables changed with every read, or are not valid
     */
    public static WorkingCopyContent read(WorkingCopy copy) throws IOException {
        // Read before the content, so that it is never later than the content.
        Instant tpmChanged = changed(copy.tpmState());
        byte[] tpm = bounded(copy.tpmState(), GuestState.MAX_TPM_BYTES);
        Instant variablesChanged = changed(copy.variables());
        byte[] variables = settled(copy.variables());
        sync(copy);
        return new WorkingCopyContent(
                tpm, variables, tpmChanged.isAfter(variablesChanged) ? tpmChanged : variablesChanged);
    }

    /** The SHA-256 of the TPM's state as it is now, in hex. */
    public static String tpmDigest(WorkingCopy copy) throws IOException {
        return Sha256.of(bounded(copy.tpmState(), GuestState.MAX_TPM_BYTES));
    }

    private static byte[] settled(Path file) throws IOException {
        byte[] last = bounded(file, GuestState.MAX_VARIABLES_BYTES);
        for (int reads = 1; reads < MAX_READS; reads++) {
            byte[] again = bounded(file, GuestState.MAX_VARIABLES_BYTES);
            if (Arrays.equals(last, again)) {
                return whole(file, again);
            }
            last = again;
        }
        throw new UnsettledWorkingCopyException(file + " changed during each of " + MAX_READS + " reads");
    }

    /**
     * Firmware that reclaims space leaves the store without headers for a moment; a damaged store stays so and is not sealed.
     */
    private static byte[] whole(Path file, byte[] content) throws UnsettledWorkingCopyException {
        byte[] finished = WriteLog.finished(content);
        Optional<String> fault = UefiVariables.fault(finished);
        if (fault.isPresent()) {
            throw new UnsettledWorkingCopyException(file + " is being written or is damaged: " + fault.get());
        }
        return finished;
    }

    /** The home must not be newer than the copy after a power cut: the copy would look rolled back. */
    private static void sync(WorkingCopy copy) {
        for (Path path : List.of(copy.tpmState(), copy.tpmState().getParent(), copy.variables())) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                channel.force(true);
            } catch (IOException e) {
                LOG.warn(
                        "Cannot sync {}; after a power cut it may be older than its sealed state: {}",
                        path,
                        e.getMessage());
            }
        }
    }

    private static byte[] bounded(Path file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(limit + 1);
            if (content.length == 0 || content.length > limit) {
                throw new IOException(
                        file + (content.length == 0 ? " is empty" : " is larger than " + limit + " bytes"));
            }
            return content;
        }
    }

    private static Instant changed(Path file) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    }
}
