package io.trustedlaunch.cli.plugin.screen;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Passes a viewer's bytes on. Most viewers ask to be alone; here they share the screen, or QEMU would refuse what takes a picture
 * or sends a key beside them.
 */
public final class SharedAccess extends FilterOutputStream {
    private static final int VERSION_LENGTH = "RFB 003.008\n".length();
    private static final int VERSION_BEGIN = "RFB 003.00".length();
    /** From this version on the viewer chooses how it shows who it is: one byte, since nothing is asked of it. */
    private static final char CHOOSES = '7';

    private static final int SHARED = 1;

    private final StringBuilder version = new StringBuilder();
    private int passed;

    public SharedAccess(OutputStream to) {
        super(to);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (passed > VERSION_LENGTH + 1) {
            out.write(bytes, offset, length);
            return;
        }
        byte[] changed = Arrays.copyOfRange(bytes, offset, offset + length);
        int known = Math.min(length, Math.max(0, VERSION_LENGTH - passed));
        version.append(new String(changed, 0, known, US_ASCII));
        if (version.length() == VERSION_LENGTH) {
            int at = VERSION_LENGTH + (version.charAt(VERSION_BEGIN) >= CHOOSES ? 1 : 0) - passed;
            if (at >= 0 && at < length) {
                changed[at] = SHARED;
            }
        }
        passed += length;
        out.write(changed);
    }
}
