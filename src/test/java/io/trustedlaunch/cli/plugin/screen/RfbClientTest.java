package io.trustedlaunch.cli.plugin.screen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A picture and keys, over a real socket; and that a hostile server fills and holds nothing. */
class RfbClientTest {
    private static final int[] PIXELS = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff, 0x000000, 0x123456};

    private final PlayedVncServer server = new PlayedVncServer(3, 2, PIXELS);
    private ServerSocket listening;
    private Socket client;

    @BeforeEach
    void serve() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try (Socket accepted = listening.accept()) {
                server.serve(accepted.getInputStream(), accepted.getOutputStream());
            } catch (IOException e) {
                return;
            }
        });
        client = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
        client.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        listening.close();
    }

    private RfbClient connect() throws IOException {
        return RfbClient.connect(client.getInputStream(), client.getOutputStream());
    }

    @Test
    void aPictureHasTheColoursOfTheScreen() throws IOException {
        Picture picture = connect().picture();
        assertThat(picture.pixels()).containsExactly(PIXELS);
        assertThat(server.isShared()).isTrue();

        ByteArrayOutputStream png = new ByteArrayOutputStream();
        picture.writePng(png);
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
        assertThat(read.getWidth()).isEqualTo(3);
        assertThat(read.getHeight()).isEqualTo(2);
        for (int i = 0; i < PIXELS.length; i++) {
            assertThat(read.getRGB(i % 3, i / 3) & 0xffffff).isEqualTo(PIXELS[i]);
        }
    }

    @Test
    void keysArePressedTogetherAndHaveArrivedAtTheEnd() throws IOException {
        RfbClient screen = connect();
        screen.press(KeyCombination.parse("ctrl-alt-del").keysyms());
        assertThat(server.keys()).containsExactly("+ffe3", "+ffe9", "+ffff", "-ffff", "-ffe9", "-ffe3");
        screen.press(List.of(0x61));
        assertThat(server.keys()).endsWith("+61", "-61");
    }

    @FunctionalInterface
    private interface Script {
        void write(DataOutputStream out) throws IOException;
    }

    private static void greeting(DataOutputStream out, int width, int height, int nameLength) throws IOException {
        out.write("RFB 003.008\n".getBytes(US_ASCII));
        out.write(new byte[] {1, 1});
        out.writeInt(0);
        out.writeShort(width);
        out.writeShort(height);
        out.write(new byte[16]);
        out.writeInt(nameLength);
    }

    private static InputStream script(Script script) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        script.write(new DataOutputStream(bytes));
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static void assertRefused(String reason, Script script) {
        assertThatThrownBy(() -> RfbClient.connect(script(script), OutputStream.nullOutputStream())
                        .picture())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aServerThatSaysWhatNoneSaysIsRefused() {
        assertRefused("no VNC server", out -> out.write("SSH-2.0-Open".getBytes(US_ASCII)));
        assertRefused("no VNC server", out -> out.write("RFB 003.003\n".getBytes(US_ASCII)));
        assertRefused("wants a password", out -> out.write("RFB 003.008\n\1\2".getBytes(US_ASCII)));
        assertRefused("closed", out -> out.write("RFB 003.008\n\1".getBytes(US_ASCII)));
        assertRefused("refused: no", out -> {
            out.write("RFB 003.008\n\0".getBytes(US_ASCII));
            out.writeInt(2);
            out.write("no".getBytes(US_ASCII));
        });
        assertRefused("65535 × 65535", out -> greeting(out, 65535, 65535, 0));
        assertRefused("0 × 1", out -> greeting(out, 0, 1, 0));
        assertRefused("too long", out -> greeting(out, 1, 1, Integer.MAX_VALUE));
        assertRefused("too long", out -> greeting(out, 1, 1, -1));
        assertRefused("unknown type 9", out -> {
            greeting(out, 1, 1, 0);
            out.writeByte(9);
        });
    }

    @Test
    void whatIsNotPartOfTheScreenIsRefused() {
        assertRefused("not asked for", out -> {
            greeting(out, 16, 16, 0);
            out.writeInt(1);
            PlayedVncServer.rectangle(out, 1, 0, 16, 1, 0);
        });
        assertRefused("not asked for", out -> {
            greeting(out, 16, 16, 0);
            out.writeInt(1);
            PlayedVncServer.rectangle(out, 0, 16, 16, 1, 0);
        });
        assertRefused("not asked for", out -> {
            greeting(out, 16, 16, 0);
            out.writeInt(1);
            PlayedVncServer.rectangle(out, 0, 0, 16, 16, 7);
        });
    }

    /** Each byte of it is legal. */
    @Test
    void aServerThatNeverDrawsAllIsNotReadForEver() throws IOException {
        ByteArrayOutputStream start = new ByteArrayOutputStream();
        greeting(new DataOutputStream(start), 16, 16, 0);
        InputStream updatesWithoutARectangle = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                Arrays.fill(bytes, offset, offset + length, (byte) 0);
                return length;
            }
        };
        RfbClient screen = RfbClient.connect(
                new SequenceInputStream(new ByteArrayInputStream(start.toByteArray()), updatesWithoutARectangle),
                OutputStream.nullOutputStream());
        assertThatThrownBy(screen::picture).hasMessageContaining("more than a screen has");
    }
}
