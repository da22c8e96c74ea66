package io.trustedlaunch.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FramesTest {
    @Test
    void whatIsWrittenIsReadFrameByFrame() throws IOException {
        byte[] much = new byte[Frames.LONGEST];
        Arrays.fill(much, (byte) 0xff);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Frames.write(out, new Frame.Opened());
        Frames.write(out, new Frame.Output(much));
        Frames.write(out, new Frame.Away("gone to host-b"));
        Frames.write(out, new Frame.Ended("söhnlein"));

        ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());

        assertThat(Frames.read(in)).isEqualTo(new Frame.Opened());
        assertThat(((Frame.Output) Frames.read(in)).bytes()).isEqualTo(much);
        assertThat(Frames.read(in)).isEqualTo(new Frame.Away("gone to host-b"));
        assertThat(Frames.read(in)).isEqualTo(new Frame.Ended("söhnlein"));
        assertThatThrownBy(() -> Frames.read(in)).isInstanceOf(EOFException.class);
    }

    @Test
    void whatIsNoFrameIsSaidToBeNone() {
        assertThatThrownBy(() -> Frames.read(new ByteArrayInputStream(new byte[] {9, 0, 0})))
                .hasMessageContaining("unknown kind 9");
        assertThatThrownBy(() -> Frames.read(new ByteArrayInputStream(new byte[] {2, -1, -1})))
                .hasMessageContaining("65535");
        assertThatThrownBy(() -> Frames.read(new ByteArrayInputStream(new byte[] {2, 0, 5, 'a'})))
                .isInstanceOf(EOFException.class);
    }
}
