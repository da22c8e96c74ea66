package io.trustedlaunch.api.vm;

import io.trustedlaunch.api.image.OsType;
import java.util.Optional;

/**
 * The buses of a machine's disks.
 *
 * @param os of the OS disk
 * @param data of all data disks
 * @param seed of the disc with the user data; a matter of what the guest finds it by, so nobody chooses it
 */
public record DiskBuses(DiskBus os, DiskBus data, DiskBus seed) {
    private static final String OS_DISK = DevicePlace.disk("os");

    /**
     * @param all of all disks; null: what machines of that osType have
     * @param os of the OS disk; null: as all
     */
    public static DiskBuses of(OsType osType, DiskBus all, DiskBus os) {
        DiskBus data = all == null ? DiskBus.ofOs(osType) : all;
        return new DiskBuses(os == null ? data : os, data, DiskBus.ofOs(osType));
    }

    public static DiskBuses ofOs(OsType osType) {
        return of(osType, null, null);
    }

    /**
     * @param device as places name it
     * @return empty if it is no disk
     */
    public Optional<DiskBus> find(String device) {
        if (device.equals(DevicePlace.SEED)) {
            return Optional.of(seed);
        }
        if (device.equals(OS_DISK)) {
            return Optional.of(os);
        }
        // The bus that each machine has, and each system that comes on a disc has a driver for.
        if (device.startsWith(DevicePlace.DISC)) {
            return Optional.of(DiskBus.SATA);
        }
        return device.startsWith(DevicePlace.DISK) ? Optional.of(data) : Optional.empty();
    }
}
