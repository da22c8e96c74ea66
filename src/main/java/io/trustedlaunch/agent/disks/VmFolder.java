package io.trustedlaunch.agent.disks;

import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;

/** Where a VM's files are in its storage location. */
public record VmFolder(Path location, UUID vm) {
    /** The API refuses other names; a path is not built from one that came past it. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    public Path path() {
        return location.resolve(vm.toString());
    }

    public Path osDisk() {
        return path().resolve("os.qcow2");
    }

    public Path dataDisk(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name for a disk: " + name);
        }
        return path().resolve("data-" + name + ".qcow2");
    }

    /** What the guest says on its serial line: for host administrators only. */
    public Path consoleLog() {
        return path().resolve("console.log");
    }
}
