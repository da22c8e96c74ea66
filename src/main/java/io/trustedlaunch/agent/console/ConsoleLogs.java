package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.host.FileTree;
import io.trustedlaunch.agent.host.HypervisorAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What guests wrote to their serial consoles on this host, for root only. It is on the host's own disk: root's virtlogd
 * opens the file by its path. A guest's domain names that path, which is therefore the same on all hosts.
 */
public final class ConsoleLogs {
    private final Path folder;
    private final HypervisorAccount account;

    /** @param folder in a folder that the hypervisor can enter */
    public ConsoleLogs(Path folder, HypervisorAccount account) {
        this.folder = folder;
        this.account = account;
    }

    /** One file for all of a VM's incarnations on this host. */
    public Path of(UUID vm) {
        return folder(vm).resolve("console.log");
    }

    /** Makes the log if there is none. */
    public void ensure(UUID vm) {
        Path log = of(vm);
        try {
            account.makePassage(folder);
            account.makePassage(folder(vm));
            if (!Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
                Files.createFile(log);
            }
            account.give(log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + log + ": " + e.getMessage(), e);
        }
    }

    /** With what virtlogd has rotated. Succeeds if there is none. */
    public void remove(UUID vm) {
        try {
            FileTree.of(folder(vm)).delete();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder(vm), e);
        }
    }

    private Path folder(UUID vm) {
        return folder.resolve(vm.toString());
    }
}
