package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.util.Optional;

/** A raw disk. The format has no signature of its own, so the signatures of all others are excluded. */
final class RawDisk {
    static final int SECTOR = 512;
    private static final int BOOT_SIGNATURE_OFFSET = 510;
    private static final short BOOT_SIGNATURE = 0x55AA;

    private RawDisk() {}

    static long inspect(ImageBytes bytes) throws IOException, FaultyImageException {
        Optional<ImageFault> otherFormat = FormatSignature.find(bytes);
        if (otherFormat.isPresent()) {
            throw new FaultyImageException(otherFormat.get());
        }
        when(bytes.size() > ImageInspector.MAX_DISK_BYTES, ImageFault.TooLarge);
        when(bytes.size() < SECTOR || !hasBootSector(bytes), ImageFault.NoBootSector);
        when(bytes.size() % SECTOR != 0, ImageFault.OddSize);
        return bytes.size();
    }

    private static boolean hasBootSector(ImageBytes bytes) throws IOException, FaultyImageException {
        return bytes.read(0, SECTOR, ImageFault.OddSize).getShort(BOOT_SIGNATURE_OFFSET) == BOOT_SIGNATURE;
    }
}
