package io.trustedlaunch.agent.imageform;

import java.io.IOException;

/** A VHDX that stands alone and was closed. */
final class Vhdx {
    /** Everything but the headers begins at a multiple of it. */
    static final long PART = 1 << 20;

    private Vhdx() {}

    static long inspect(ImageBytes bytes) throws IOException, FaultyImageException {
        Occupancy occupancy = new Occupancy(bytes.size(), PART);
        occupancy.take(0, PART);
        VhdxHeader.inspect(bytes, occupancy);
        VhdxRegions regions = VhdxRegions.read(bytes, occupancy);
        VhdxDisk disk = VhdxDisk.read(bytes, regions.metadata());
        new VhdxBlocks(bytes, occupancy, disk).follow(regions.blocks());
        return disk.virtualBytes();
    }
}
