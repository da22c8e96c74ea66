package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk of a domain that reads from elsewhere what was not written to it yet.
 *
 * @param pull empty while QEMU does not fill it
 */
public record UnfilledDisk(Path disk, Optional<Pull> pull) {
    /** How far QEMU has filled it, in bytes of the disk as the guest sees it. */
    public record Pull(long doneBytes, long totalBytes) {}
}
