package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A firmware's template of UEFI variables, to be copied for a VM. */
record VariablesTemplate(Path template) {

    /** Whole or not at all: it is written beside its place and renamed. libvirt sets the owner when it starts. */
    void copyTo(Path variables) {
        Path unfinished = variables.resolveSibling("." + variables.getFileName() + ".making");
        try {
            Files.createDirectories(variables.getParent());
            Files.copy(template, unfinished, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
            sync(unfinished);
            Files.move(unfinished, variables, StandardCopyOption.ATOMIC_MOVE);
            sync(variables.getParent());
        } catch (IOException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("cannot write the UEFI variables to " + variables + ": " + e),
                    e);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
