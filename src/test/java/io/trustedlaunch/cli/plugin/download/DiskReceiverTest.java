package io.trustedlaunch.cli.plugin.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.download.DownloadReader;
import io.trustedlaunch.download.DownloadRequest;
import io.trustedlaunch.download.DownloadWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that lies, or is cut off, leaves no file; what it may do is in the file. */
class DiskReceiverTest {
    private static final long DISK = 1L << 40;

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final DownloadWriter agent = new DownloadWriter(sent);

    @TempDir
    private Path folder;

    private void send(long offset, String bytes) throws IOException {
        agent.data(offset, ByteBuffer.wrap(bytes.getBytes(US_ASCII)));
    }

    private long receive(DownloadRequest request, byte[] stream) throws IOException {
        DownloadReader reader = new DownloadReader(new ByteArrayInputStream(stream));
        long disk = reader.begin();
        try (PartFile file = PartFile.create(folder.resolve("disk"), false)) {
            long bytes = new DiskReceiver(reader, request, disk, "host-a", percent -> {}).receive(file);
            file.publish(bytes);
            return bytes;
        }
    }

    private void assertRefused(DownloadRequest request, byte[] stream, String why) throws IOException {
        assertThatThrownBy(() -> receive(request, stream))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("node host-a has not sent all of the disk: " + why);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aLargeDiskWithLittleInItIsASmallFileWithThatInIt() throws IOException {
        agent.begin(DISK);
        send(DISK - 5, "after");
        send(7, "before");
        agent.end();

        assertThat(receive(DownloadRequest.WHOLE, sent.toByteArray())).isEqualTo(DISK);
        assertThat(Files.size(folder.resolve("disk"))).isEqualTo(DISK);
        assertThat(((Number) Files.getAttribute(folder.resolve("disk"), "unix:mode")).intValue() & 0777)
                .isEqualTo(0600);
    }

    @Test
    void aDownloadThatHasEndedLeavesThePartOfAnotherOneAlone() throws IOException {
        PartFile ended = PartFile.create(folder.resolve("disk"), true);
        ended.publish(1);
        Files.createFile(folder.resolve("disk.part"));

        ended.abandon();
        ended.close();

        assertThat(folder.resolve("disk.part")).exists();
    }

    @Test
    void whatWasNotAskedForIsNotWritten() throws IOException {
        for (long offset : new long[] {0, 9, 16, DISK - 3, Long.MAX_VALUE - 10}) {
            sent.reset();
            DownloadWriter liar = new DownloadWriter(sent);
            liar.begin(DISK);
            liar.data(offset, ByteBuffer.wrap("12345".getBytes(US_ASCII)));
            liar.end();
            assertRefused(new DownloadRequest(10, 10), sent.toByteArray(), "it sent a part");
        }
    }

    @Test
    void aDiskThatIsShorterThanWhatWasAskedForIsNone() throws IOException {
        agent.begin(3);
        agent.end();
        for (DownloadRequest more : List.of(
                new DownloadRequest(10, DownloadRequest.TO_THE_END),
                new DownloadRequest(1, 3),
                new DownloadRequest(10, 1),
                new DownloadRequest(Long.MAX_VALUE, Long.MAX_VALUE))) {
            assertRefused(more, sent.toByteArray(), "the disk has only 3 bytes");
        }
    }

    @Test
    void whatIsCutOffOrAlteredOrSaidToHaveFailedIsNoFile() throws IOException {
        agent.begin(DISK);
        send(0, "0123456789");
        byte[] begun = sent.toByteArray();
        agent.end();
        byte[] whole = sent.toByteArray();
        for (int length = begun.length - 5; length < whole.length; length++) {
            assertRefused(DownloadRequest.WHOLE, Arrays.copyOf(whole, length), "the connection ended");
        }
        byte[] altered = whole.clone();
        altered[begun.length - 1] ^= 1;
        assertRefused(DownloadRequest.WHOLE, altered, "what was received is not what the agent sent");

        sent.reset();
        DownloadWriter failing = new DownloadWriter(sent);
        failing.begin(DISK);
        failing.fail("data-00000 was altered");
        assertRefused(DownloadRequest.WHOLE, sent.toByteArray(), "data-00000 was altered");
    }
}
