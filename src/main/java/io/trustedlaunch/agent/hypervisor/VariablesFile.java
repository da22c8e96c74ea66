package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes a VM's UEFI variables atomically. libvirt sets the owner when it starts the domain. */
public final class VariablesFile {
    private VariablesFile() {}

    /** Copies a firmware's template, for a VM without variables. */
    public static void copy(Path template, Path variables) {
        try {
            write(variables, Files.readAllBytes(template));
        } catch (IOException e) {
            throw failed(variables, e);
        }
    }

    public static void write(Path variables, byte[] content) {
        try {
            Files.createDirectories(variables.getParent());
            DurableFiles.write(variables, content);
        } catch (IOException e) {
            throw failed(variables, e);
        }
    }

    /** Writes in place, because QEMU has the file open; QEMU itself writes it after it is resumed. */
    public static void complete(Path variables, byte[] content) {
        try (FileChannel file = FileChannel.open(variables, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                file.write(left, left.position());
            }
            file.truncate(content.length);
            file.force(true);
        } catch (IOException e) {
            throw failed(variables, e);
        }
    }

    private static HypervisorException failed(Path variables, IOException e) {
        return new HypervisorException(
                new HypervisorFailure.OperationFailed("cannot write the UEFI variables to " + variables + ": " + e), e);
    }
}
