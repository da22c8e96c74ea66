package io.trustedlaunch.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.agent.folder.VmFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;

/** What a guest sees of its files on a host. The disk has what it wrote after the header that makes it a disk. */
final class GuestFiles {
    private static final int HEADER = 512;

    private GuestFiles() {}

    static String ek(Host host, UUID vm) {
        return read(host, vm).split("\n", -1)[0];
    }

    /** How often the guest wrote to its TPM. */
    static int tpm(Host host, UUID vm) {
        return tpm(read(host, vm));
    }

    static int tpm(String state) {
        String stored = state.split("\n", -1)[1];
        return stored.isEmpty() ? 0 : Integer.parseInt(stored);
    }

    private static String read(Host host, UUID vm) {
        return new String(read(host.hypervisor().layout().tpmState(vm)), UTF_8);
    }

    /**
     * How often the guest wrote to its disk, as far as its QEMU knows: the tables of the disk are in its memory as they were when
     * it opened it. Negative: half of the disk was copied, and it is no disk.
     */
    static int disk(Host host, UUID vm) {
        return disk(host.hypervisor().openDisk(vm).orElseGet(() -> read(diskOf(host, vm))));
    }

    static int disk(byte[] all) {
        String written = new String(Arrays.copyOfRange(all, Math.min(HEADER, all.length), all.length), UTF_8);
        if (written.isEmpty()) {
            return 0;
        }
        return written.equals("torn") ? -1 : Integer.parseInt(written);
    }

    static void write(Host host, UUID vm, String tpm, int disk) {
        host.hypervisor().putTpm(vm, tpm);
        writeDisk(host, vm, disk);
    }

    static void writeDisk(Host host, UUID vm, int disk) {
        try {
            byte[] header = Arrays.copyOf(read(diskOf(host, vm)), HEADER);
            byte[] written = Integer.toString(disk).getBytes(UTF_8);
            byte[] all = Arrays.copyOf(header, HEADER + written.length);
            System.arraycopy(written, 0, all, HEADER, written.length);
            Files.write(diskOf(host, vm), all);
            host.hypervisor().wroteDisk(vm, all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path diskOf(Host host, UUID vm) {
        return new VmFolder(host.vms(), vm).osDisk();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
