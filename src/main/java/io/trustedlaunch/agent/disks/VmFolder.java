package io.trustedlaunch.agent.disks;

import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;

/** The paths of a VM's files in its storage location. */
public record VmFolder(Path location, UUID vm) {
    /** Checked again after the API server, so that no other name becomes a path. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    public Path path() {
        return location.resolve(vm.toString());
    }

    public Path osDisk() {
        return path().resolve("os.qcow2");
    }

    public Path dataDisk(String name) {
        return path().resolve("data-" + checked(name) + ".qcow2");
    }

    /**
     * Where QEMU keeps what the guest overwrites while a backup runs.
     *
     * @param disk the name of the disk
     */
    public Path scratch(String disk) {
        return path().resolve(".scratch-" + checked(disk) + ".qcow2");
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("data disk name must match " + NAME + ", not " + name);
        }
        return name;
    }
}
