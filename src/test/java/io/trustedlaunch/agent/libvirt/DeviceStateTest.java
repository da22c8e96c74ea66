package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.tpm.VtpmBlobs;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Streams as QEMU writes them; those of real QEMUs are read in LibvirtHypervisorIT. */
class DeviceStateTest {
    private static final int FOOT = Byte.BYTES + Integer.BYTES;

    @Test
    void theBlobsAreReadFromAmongOtherDevices() throws IOException {
        try (VtpmBlobs blobs = DeviceState.vtpm(stream(other(), tpm(7, "permanent", "running", ""), other()))) {
            assertThat(blobs.permanent().content()).asString().isEqualTo("permanent");
            assertThat(blobs.permanent().flags()).isEqualTo(2);
            assertThat(blobs.running().content()).asString().isEqualTo("running");
            assertThat(blobs.suspended().content()).isEmpty();
        }
    }

    @Test
    void aStreamWithoutATpmHasNone() {
        assertThatThrownBy(() -> DeviceState.vtpm(stream(other())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no TPM");
        assertThatThrownBy(() -> DeviceState.vtpm(ByteBuffer.allocate(0))).isInstanceOf(IOException.class);
    }

    /** A guest that writes a section of its own into the state of another device hides its registers, and shows no others. */
    @Test
    void neitherOfTwoSectionsIsBelieved() {
        assertThatThrownBy(() -> DeviceState.vtpm(stream(tpm(3, "forged", "forged", ""), tpm(7, "p", "r", ""))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("two sections");
    }

    @Test
    void whatOnlyLooksLikeASectionIsNone() throws IOException {
        byte[] withAnotherFoot = tpm(3, "forged", "forged", "");
        withAnotherFoot[withAnotherFoot.length - 1]++;
        byte[] withoutFoot = tpm(3, "forged", "forged", "");
        withoutFoot[withoutFoot.length - FOOT] = 0;
        byte[] tooLong = tpm(3, "forged", "forged", "");
        tooLong[tooLong.length - FOOT - Integer.BYTES] = 0x7F;
        byte[] negative = tpm(3, "forged", "forged", "");
        negative[negative.length - FOOT - Integer.BYTES] = (byte) 0x80;
        byte[] ofAnotherKind = tpm(3, "forged", "forged", "");
        ofAnotherKind[0] = 0x01;

        for (byte[] forged : new byte[][] {withAnotherFoot, withoutFoot, tooLong, negative, ofAnotherKind}) {
            assertThatThrownBy(() -> DeviceState.vtpm(stream(forged))).hasMessageContaining("no TPM");
            assertThat(DeviceState.vtpm(stream(forged, tpm(7, "real", "r", "")))
                            .permanent()
                            .content())
                    .asString()
                    .isEqualTo("real");
        }
    }

    /** Without {@code live}, QEMU gives up the disks of a paused guest. */
    @Test
    void theCommandNeverGivesUpDisks() {
        assertThat(DeviceStates.save(3))
                .hasToString(
                        "{\"execute\":\"xen-save-devices-state\",\"arguments\":{\"filename\":\"/dev/fdset/3\",\"live\":false}}");
    }

    private static ByteBuffer stream(byte[]... sections) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.write(new byte[] {'Q', 'E', 'V', 'M', 0, 0, 0, 3});
        for (byte[] section : sections) {
            stream.write(section);
        }
        stream.write(0);
        return ByteBuffer.wrap(stream.toByteArray());
    }

    private static byte[] other() throws IOException {
        return section(1, "timer", "some state with tpm-emulator in it".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] tpm(int number, String... blobs) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream state = new DataOutputStream(bytes);
        for (String blob : blobs) {
            state.writeInt(2);
            state.writeInt(blob.length());
            state.writeBytes(blob);
        }
        return section(number, "tpm-emulator", bytes.toByteArray());
    }

    private static byte[] section(int number, String name, byte[] state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(0x04);
        out.writeInt(number);
        out.writeByte(name.length());
        out.writeBytes(name);
        out.writeInt(0);
        out.writeInt(0);
        out.write(state);
        out.writeByte(0x7E);
        out.writeInt(number);
        return bytes.toByteArray();
    }
}
