package io.trustedlaunch.agent.imageform;

import java.io.IOException;

/** A VHDX that needs no other file and was closed cleanly. */
final class Vhdx {
    /** Everything except the headers is aligned to it. */
    static final long ALIGNMENT = 1 << 20;

    private Vhdx() {}

    static long inspect(ImageBytes bytes) throws IOException, FaultyImageException {
        AllocationMap allocations = new AllocationMap(bytes.size(), ALIGNMENT);
        allocations.allocate(0, ALIGNMENT);
        VhdxHeader.inspect(bytes, allocations);
        VhdxRegions regions = VhdxRegions.read(bytes, allocations);
        VhdxMetadata disk = VhdxMetadata.read(bytes, regions.metadata());
        new VhdxBlockTable(bytes, allocations, disk).check(regions.blocks());
        return disk.virtualBytes();
    }
}
