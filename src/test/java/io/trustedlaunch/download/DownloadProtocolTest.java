package io.trustedlaunch.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DownloadProtocolTest {
    private static final byte[] DATA = {1, 2, 3};

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final DownloadWriter writer = new DownloadWriter(sent);

    private DownloadReader reader() {
        return new DownloadReader(new ByteArrayInputStream(sent.toByteArray()));
    }

    @Test
    void aRequestIsALine() throws IOException {
        new DownloadRequest(7, 9).write(sent);

        assertThat(sent.toString(US_ASCII)).isEqualTo("{\"offset\":7,\"length\":9}\n");
        assertThat(read(sent.toString(US_ASCII))).isEqualTo(new DownloadRequest(7, 9));
    }

    @Test
    void nothingElseIsARequest() {
        for (String other : List.of(
                "",
                "\n",
                "{}\n",
                "{\"offset\":1}\n",
                "{\"offset\":null,\"length\":1}\n",
                "{\"offset\":1,\"length\":1}",
                "{\"offset\":1,\"length\":1,\"disk\":\"root\"}\n",
                "{\"offset\":1,\"length\":1}{}\n",
                "{\"offset\":99999999999999999999,\"length\":1}\n",
                " ".repeat(1000) + "\n")) {
            assertThatThrownBy(() -> read(other)).as(other).isInstanceOf(IOException.class);
        }
    }

    private static DownloadRequest read(String line) throws IOException {
        return DownloadRequest.read(new ByteArrayInputStream(line.getBytes(US_ASCII)));
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        writer.begin(1L << 50);
        writer.data(1L << 49, ByteBuffer.wrap(DATA));
        writer.data(5, ByteBuffer.allocate(DownloadWriter.LONGEST));
        writer.end();

        DownloadReader reader = reader();
        assertThat(reader.begin()).isEqualTo(1L << 50);
        assertThat(reader.next()).isEqualTo(new DownloadFrame.Data(1L << 49, ByteBuffer.wrap(DATA)));
        assertThat(reader.next()).isEqualTo(new DownloadFrame.Data(5, ByteBuffer.allocate(DownloadWriter.LONGEST)));
        assertThat(reader.next()).isEqualTo(new DownloadFrame.End());
    }

    @Test
    void aReasonComesAtAnyTime() throws IOException {
        writer.fail("x".repeat(DownloadWriter.LONGEST_REASON + 1));

        DownloadReader reader = reader();
        assertThat(reader.begin()).isZero();
        assertThat(reader.next()).isEqualTo(new DownloadFrame.Failed("x".repeat(DownloadWriter.LONGEST_REASON)));
    }

    /** Whatever is changed or cut off, it does not end as if all had come. */
    @Test
    void whatIsNotAsItWasSentIsNotWhole() throws IOException {
        writer.begin(100);
        writer.data(50, ByteBuffer.wrap(DATA));
        writer.data(7, ByteBuffer.wrap(DATA));
        writer.end();
        byte[] whole = sent.toByteArray();
        assertThat(isWhole(whole)).isTrue();

        for (int at = 0; at < whole.length; at++) {
            byte[] altered = whole.clone();
            altered[at] ^= 1;
            assertThat(isWhole(altered)).as("altered at %d", at).isFalse();
            assertThat(isWhole(Arrays.copyOf(whole, at))).as("cut at %d", at).isFalse();
        }
    }

    private static boolean isWhole(byte[] stream) {
        DownloadReader reader = new DownloadReader(new ByteArrayInputStream(stream));
        try {
            reader.begin();
            while (true) {
                switch (reader.next()) {
                    case DownloadFrame.Data data -> {}
                    case DownloadFrame.End end -> {
                        return true;
                    }
                    case DownloadFrame.Failed failed -> {
                        return false;
                    }
                }
            }
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void noFrameIsLongerThanAFrameMayBe() {
        assertThatThrownBy(() -> writer.data(0, ByteBuffer.allocate(DownloadWriter.LONGEST + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.data(0, ByteBuffer.allocate(0))).isInstanceOf(IllegalArgumentException.class);
        for (int length : new int[] {-2, Integer.MIN_VALUE, DownloadWriter.LONGEST + 1, Integer.MAX_VALUE}) {
            byte[] frame = ByteBuffer.allocate(12).putInt(8, length).array();
            assertThatThrownBy(() -> new DownloadReader(new ByteArrayInputStream(frame)).next())
                    .hasMessageContaining("a frame of " + length);
        }
    }
}
