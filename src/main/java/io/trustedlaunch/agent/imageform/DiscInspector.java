package io.trustedlaunch.agent.imageform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Whether a file is a disc (ECMA-119, ISO 9660; or ECMA-167, UDF): a descriptor of a volume at its sector 16. Nothing else of it is
 * read: its content is the guest's.
 */
public final class DiscInspector {
    private static final int SECTOR = 2048;
    private static final int FIRST = 16;
    /** A recognition sequence has a few descriptors. */
    private static final int LAST = FIRST + 16;
    /** Each descriptor has its type before the identifier. */
    private static final int IDENTIFIER = 1;

    private static final int IDENTIFIER_LENGTH = 5;
    private static final String ISO_9660 = "CD001";
    private static final String BEGIN = "BEA01";
    private static final Set<String> UDF = Set.of("NSR02", "NSR03");

    private DiscInspector() {}

    /**
     * A tool may open a disc as raw, only to read it.
     *
     * @throws IOException if the file cannot be read; another file is a result
     */
    public static ImageForm inspect(Path image) throws IOException {
        try (SeekableByteChannel channel =
                Files.newByteChannel(image, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return inspect(channel);
        }
    }

    static ImageForm inspect(SeekableByteChannel channel) throws IOException {
        ImageBytes bytes = ImageBytes.of(channel);
        try {
            FaultyImageException.when(bytes.size() == 0, ImageFault.Empty);
            return isDisc(bytes)
                    ? new Accepted(ImageFormat.raw, bytes.size())
                    : new Refused(FormatSignature.find(bytes).orElse(ImageFault.NotADisc));
        } catch (FaultyImageException e) {
            return new Refused(e.fault());
        }
    }

    private static boolean isDisc(ImageBytes bytes) throws IOException, FaultyImageException {
        String first = identifier(bytes, FIRST);
        if (first.equals(ISO_9660)) {
            return true;
        }
        if (!first.equals(BEGIN)) {
            return false;
        }
        for (int sector = FIRST + 1; sector <= LAST; sector++) {
            if (UDF.contains(identifier(bytes, sector))) {
                return true;
            }
        }
        return false;
    }

    /** Empty if the file has no such sector. */
    private static String identifier(ImageBytes bytes, int sector) throws IOException, FaultyImageException {
        long offset = (long) sector * SECTOR;
        return bytes.size() < offset + SECTOR
                ? ""
                : new String(bytes.upTo(offset + IDENTIFIER, IDENTIFIER_LENGTH), ISO_8859_1);
    }
}
