package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
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
 * Reads a working copy that a guest may be writing. swtpm replaces its file by renaming, so that one read is whole; the
 * variables are written in place, so that two reads must agree, and what they agree on be whole.
 */
public final class CopyReader {
    /** A guest does not write its variables without end; one that does is read again later. */
    private static final int MOST_READS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(CopyReader.class);

    private CopyReader() {}

    /**
     * What is read stays in the copy through a power cut.
     *
     * @throws UnsettledCopyException if the variables changed with every read, or are not in a form to start from
     */
    public static CopyContent read(WorkingCopy copy) throws IOException {
        // Before the content, so that it is never younger than what was read.
        Instant tpmChanged = changed(copy.tpmState());
        byte[] tpm = bounded(copy.tpmState(), GuestState.MAX_TPM_BYTES);
        Instant variablesChanged = changed(copy.variables());
        byte[] variables = settled(copy.variables());
        keep(copy);
        return new CopyContent(tpm, variables, tpmChanged.isAfter(variablesChanged) ? tpmChanged : variablesChanged);
    }

    private static byte[] settled(Path file) throws IOException {
        byte[] last = bounded(file, GuestState.MAX_VARIABLES_BYTES);
        for (int reads = 1; reads < MOST_READS; reads++) {
            byte[] again = bounded(file, GuestState.MAX_VARIABLES_BYTES);
            if (Arrays.equals(last, again)) {
                return whole(file, again);
            }
            last = again;
        }
        throw new UnsettledCopyException(file + " changed while it was read, " + MOST_READS + " times");
    }

    /** Firmware that tidies its store up leaves it without headers for a while; what stays so is damaged, and not sealed. */
    private static byte[] whole(Path file, byte[] content) throws UnsettledCopyException {
        byte[] finished = WriteLog.finished(content);
        Optional<String> fault = UefiVariables.fault(finished);
        if (fault.isPresent()) {
            throw new UnsettledCopyException(file + " is being written, or damaged: " + fault.get());
        }
        return finished;
    }

    /** What is home must not be newer than what a power cut leaves of the copy: that would look as if it was turned back. */
    private static void keep(WorkingCopy copy) {
        for (Path path : List.of(copy.tpmState(), copy.tpmState().getParent(), copy.variables())) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                channel.force(true);
            } catch (IOException e) {
                LOG.warn("{} may be older after a power cut than what is sealed of it: {}", path, e.getMessage());
            }
        }
    }

    private static byte[] bounded(Path file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(limit + 1);
            if (content.length == 0 || content.length > limit) {
                throw new IOException(file + " has " + (content.length == 0 ? "no" : "too many") + " bytes");
            }
            return content;
        }
    }

    private static Instant changed(Path file) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    }
}
