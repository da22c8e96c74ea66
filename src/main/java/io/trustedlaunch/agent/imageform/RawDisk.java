package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.util.Optional;

/** A disk as it is, byte for byte: the one format without a mark of its own, so the marks of all others are looked for. */
final class RawDisk {
    static final int SECTOR = 512;
    private static final int BOOT_SIGNATURE_AT = 510;
    private static final short BOOT_SIGNATURE = 0x55AA;

    private RawDisk() {}

    static long inspect(ImageBytes bytes) throws IOException, FaultyImageException {
        Optional<ImageFault> foreign = ForeignMark.in(bytes);
        if (foreign.isPresent()) {
            throw new FaultyImageException(foreign.get());
        }
        when(bytes.size() > ImageInspector.MAX_DISK_BYTES, ImageFault.TooLarge);
        when(bytes.size() < SECTOR || !hasBootSector(bytes), ImageFault.NoBootSector);
        when(bytes.size() % SECTOR != 0, ImageFault.OddSize);
        return bytes.size();
    }

    private static boolean hasBootSector(ImageBytes bytes) throws IOException, FaultyImageException {
        return bytes.read(0, SECTOR, ImageFault.OddSize).getShort(BOOT_SIGNATURE_AT) == BOOT_SIGNATURE;
    }
}
