package io.trustedlaunch.agent.domain;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Everything that one life of a VM is started with.
 *
 * @param seed an ISO image with cloud-init or sysprep data, shown to the guest as a CD
 * @param consoleLog where the serial console is written, one file for all lives of the VM
 * @param secureBoot always true through the API; false only through this port, for the test that proves the firmware
 */
@RecordBuilder
public record DomainSpec(
        DomainIdentity identity,
        OsType osType,
        int cores,
        long memoryBytes,
        Disk osDisk,
        List<Disk> dataDisks,
        List<Nic> nics,
        Optional<Path> seed,
        Path consoleLog,
        Acceleration acceleration,
        boolean secureBoot) {

    private static final long MEBIBYTE = 1024L * 1024;

    public DomainSpec {
        dataDisks = List.copyOf(dataDisks);
        nics = List.copyOf(nics);
        if (cores < 1) {
            throw new IllegalArgumentException("cores must be at least 1, not " + cores);
        }
        if (memoryBytes < MEBIBYTE) {
            throw new IllegalArgumentException("memory must be at least 1 MiB, not " + memoryBytes + " bytes");
        }
        seed.ifPresent(path -> Text.requireAbsolute("seed", path));
        Text.requireAbsolute("console log", consoleLog);
        requireDistinct(
                "disk name",
                Stream.concat(Stream.of(osDisk), dataDisks.stream()).map(Disk::name));
        requireDistinct(
                "disk path",
                Stream.concat(Stream.of(osDisk), dataDisks.stream()).map(Disk::path));
        requireDistinct("NIC name", nics.stream().map(Nic::name));
        requireDistinct("MAC address", nics.stream().map(Nic::mac));
    }

    public UUID vm() {
        return identity.vm();
    }

    private static void requireDistinct(String what, Stream<?> values) {
        Set<Object> seen = new HashSet<>();
        values.filter(value -> !seen.add(value)).findFirst().ifPresent(twice -> {
            throw new IllegalArgumentException(what + " is there twice: " + twice);
        });
    }
}
