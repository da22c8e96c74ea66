package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Disks and network cards of running domains, and how they change. Each method may be repeated: what is so already is success. A
 * device that a guest is to let go of may stay for as long as the guest wants: {@link #of} shows it. All throw {@link
 * HypervisorException}: {@code DomainMissing} without a domain, {@code DomainLost} as {@link Hypervisor#find} does, and {@code
 * OperationFailed} if QEMU refuses, for example because a disk is being backed up, or does not answer: then it may do it later.
 */
public interface GuestDevices {
    /** The disks and cards that the domain has now. */
    Devices of(UUID vm);

    /**
     * Gives a running guest the larger size of a disk, and grows its file. Does nothing to a disk that is as large, or larger.
     *
     * @param disk file of a disk of the domain
     */
    void growDisk(UUID vm, Path disk, long bytes);

    /**
     * Gives a card that the domain has, by its MAC address, the network, filter and link state that it has in the spec. Refuses
     * with {@code NetworkMissing} or {@code NetworkFilterMissing} as {@link Hypervisor#createPaused} does.
     *
     * @param card its name in the spec
     */
    void updateCard(DomainSpec spec, String card);

    /**
     * Adds a card of the spec to the domain, in a free port: at once, though the guest may take time to use it. It is behind the
     * domain's IOMMU, if that has one, whatever the spec says. Refuses as {@link #updateCard} does, and with {@code NoFreePort}.
     */
    void attachCard(DomainSpec spec, String card);

    /** Asks the guest to let go of the card with that MAC address. */
    void detachCard(UUID vm, String mac);

    /**
     * Adds a data disk of the spec to the domain, in a free port, and as a card behind its IOMMU. Refuses with {@code NoFreePort},
     * and in the shape of Windows with {@code NotWhileRunning}.
     *
     * @param disk its name in the spec
     */
    void attachDisk(DomainSpec spec, String disk);

    /**
     * Asks the guest to let go of a data disk. Refuses with {@code NotWhileRunning} in the shape of Windows.
     *
     * @param disk its file
     */
    void detachDisk(UUID vm, Path disk);

    /**
     * Gives a drive of the domain the disc that it has in the spec, or none. A guest that has mounted the one in it does not let go of
     * it: {@code OperationFailed}.
     *
     * @param drive its name in the spec
     */
    void changeDisc(DomainSpec spec, String drive);

    /**
     * What a domain has.
     *
     * @param disks without the seed
     * @param discs the files of those in drives, by the serial numbers of these; empty drives are missing
     */
    record Devices(List<Disk> disks, List<Card> cards, Map<String, Path> discs) {
        /**
         * @param bytes as the guest sees it
         */
        public record Disk(Path file, long bytes) {}

        /** @param mac in lower case */
        public record Card(String mac) {}
    }
}
