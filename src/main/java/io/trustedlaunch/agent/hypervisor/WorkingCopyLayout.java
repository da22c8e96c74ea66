package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.hypervisor.WorkingCopy.State;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * The paths of working copies. libvirt determines the TPM's path, the same in every version; the path of the variables is
 * ours, set in the domain.
 *
 * @param tpmRoot usually {@code /var/lib/libvirt/swtpm}
 * @param variablesRoot usually {@code /var/lib/libvirt/qemu/nvram}
 */
public record WorkingCopyLayout(Path tpmRoot, Path variablesRoot) {
    /** The paths of libvirt's system daemon, on every distribution. */
    public static WorkingCopyLayout system() {
        return new WorkingCopyLayout(Path.of("/var/lib/libvirt/swtpm"), Path.of("/var/lib/libvirt/qemu/nvram"));
    }

    /** The folder of the VM's TPM, created and removed as a whole. */
    public Path tpmFolder(UUID vm) {
        return tpmRoot.resolve(vm.toString());
    }

    public Path tpmState(UUID vm) {
        return tpmFolder(vm).resolve("tpm2").resolve("tpm2-00.permall");
    }

    public Path variables(UUID vm) {
        return variablesRoot.resolve(vm + "_VARS.fd");
    }

    /** Checks the files once. */
    public WorkingCopy inspect(UUID vm) {
        return new WorkingCopy(vm, tpmState(vm), variables(vm), state(vm));
    }

    /** Checked right before a domain is created: libvirt would silently make a missing file anew. */
    public void requireWhole(UUID vm) {
        if (!isWhole(tpmState(vm))) {
            throw new HypervisorException(new HypervisorFailure.TpmStateMissing(tpmState(vm)));
        }
        if (!isWhole(variables(vm))) {
            throw new HypervisorException(new HypervisorFailure.VariablesMissing(variables(vm)));
        }
    }

    /**
     * Removes both, the TPM's state file first: after a crash in between, the copy counts as damaged and no start uses it.
     */
    public void erase(UUID vm) {
        try {
            Files.deleteIfExists(tpmState(vm));
            Files.deleteIfExists(variables(vm));
            FileTree.of(tpmFolder(vm)).delete();
            FileTree.of(SwtpmFactory.unfinished(tpmFolder(vm))).delete();
        } catch (IOException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("cannot erase the guest state of VM " + vm + ": " + e), e);
        }
    }

    /** Renames the TPM's folder last, because it marks the copy as existing. Copies set aside earlier stay. */
    public void setAside(UUID vm) {
        try {
            for (Path path : List.of(variables(vm), tpmFolder(vm))) {
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(path, unused(path), StandardCopyOption.ATOMIC_MOVE);
                }
            }
        } catch (IOException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("cannot set aside the guest state of VM " + vm + ": " + e),
                    e);
        }
    }

    private static Path unused(Path path) {
        return IntStream.iterate(1, number -> number + 1)
                .mapToObj(number -> path.resolveSibling(".rejected-" + path.getFileName() + "-" + number))
                .filter(name -> !Files.exists(name, LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .orElseThrow();
    }

    private State state(UUID vm) {
        if (!Files.exists(tpmFolder(vm), LinkOption.NOFOLLOW_LINKS)) {
            return State.ABSENT;
        }
        return isWhole(tpmState(vm)) && isWhole(variables(vm)) ? State.PRESENT : State.DAMAGED;
    }

    /** Whether the path is a non-empty regular file; links are not followed. */
    public static boolean isWhole(Path file) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() && attributes.size() > 0;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the attributes of " + file, e);
        }
    }
}
