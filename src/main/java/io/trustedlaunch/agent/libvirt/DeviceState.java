package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.tpm.VtpmBlobs;
import io.trustedlaunch.agent.tpm.VtpmBlobs.Blob;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The TPM in a stream of QEMU's device state. A stream is a sequence of sections (QEMU's docs/devel/migration), and only QEMU knows
 * where those of other devices end; so the section is looked for by its head and its foot. A guest decides what is in the state of
 * some devices, and may write there what looks like such a section: then there are two, and none is believed. Pure.
 */
final class DeviceState {
    /** QEMU_VM_SECTION_FULL, QEMU_VM_SECTION_FOOTER. */
    private static final byte FULL = 0x04;

    private static final byte FOOTER = 0x7E;

    private static final byte[] NAME = "\u000ctpm-emulator".getBytes(StandardCharsets.US_ASCII);

    /** A section's type and number, before its name. */
    private static final int BEFORE_NAME = 1 + Integer.BYTES;

    /** swtpm's state files have 8 KB. */
    private static final int MAX_BLOB = 1 << 20;

    private DeviceState() {}

    /** @throws IOException if the TPM is not in it exactly once */
    static VtpmBlobs vtpm(ByteBuffer state) throws IOException {
        Optional<VtpmBlobs> found = Optional.empty();
        for (int name = BEFORE_NAME; name + NAME.length <= state.limit(); name++) {
            if (!isAt(state, name, NAME)) {
                continue;
            }
            Optional<VtpmBlobs> section = section(state, name);
            if (section.isPresent() && found.isPresent()) {
                section.get().close();
                found.get().close();
                throw new IOException("there are two sections of a TPM in it");
            }
            if (section.isPresent()) {
                found = section;
            }
        }
        return found.orElseThrow(() -> new IOException("there is no TPM in it"));
    }

    private static boolean isAt(ByteBuffer state, int position, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (state.get(position + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Empty if it is none. */
    private static Optional<VtpmBlobs> section(ByteBuffer state, int name) {
        if (state.get(name - BEFORE_NAME) != FULL) {
            return Optional.empty();
        }
        int number = state.getInt(name - Integer.BYTES);
        // Behind the name stand the instance and the version.
        ByteBuffer in = state.duplicate().position(name + NAME.length);
        try {
            in.getInt();
            in.getInt();
            VtpmBlobs blobs = new VtpmBlobs(blob(in), blob(in), blob(in));
            if (in.get() == FOOTER && in.getInt() == number) {
                return Optional.of(blobs);
            }
            blobs.close();
            return Optional.empty();
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }

    private static Blob blob(ByteBuffer in) {
        int flags = in.getInt();
        int length = in.getInt();
        if (length < 0 || length > Math.min(MAX_BLOB, in.remaining())) {
            throw new BufferUnderflowException();
        }
        byte[] content = new byte[length];
        in.get(content);
        return new Blob(flags, content);
    }
}
