package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A VHD that needs no other file: fixed, which is a raw disk and a footer, or dynamic. */
final class Vhd {
    private Vhd() {}

    static long inspect(ImageBytes bytes) throws IOException, FaultyImageException {
        ByteBuffer end = bytes.read(bytes.size() - VhdFooter.LENGTH, VhdFooter.LENGTH, ImageFault.NoFooter);
        VhdFooter footer = VhdFooter.read(end);
        ByteBuffer start = bytes.read(0, VhdFooter.LENGTH, ImageFault.NoFooter);
        switch (footer.kind()) {
            case Fixed -> {
                // A tool would use a footer at the start, if there is one.
                when(VhdFooter.hasCookie(start), ImageFault.CopiesDiffer);
                when(footer.virtualBytes() != bytes.size() - VhdFooter.LENGTH, ImageFault.SizesDiffer);
            }
            case Dynamic -> {
                when(!start.equals(end), ImageFault.CopiesDiffer);
                DynamicVhd.inspect(bytes, footer);
            }
        }
        return footer.virtualBytes();
    }
}
