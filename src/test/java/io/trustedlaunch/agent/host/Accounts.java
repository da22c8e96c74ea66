package io.trustedlaunch.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;

/** Accounts for tests that run as any user. */
public final class Accounts {
    private Accounts() {}

    /** The owner of this folder is both administrator and hypervisor. */
    public static HypervisorAccount ownerOf(Path folder) {
        try {
            PosixFileAttributes own =
                    Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new HypervisorAccount(own.owner(), own.owner(), own.group());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
