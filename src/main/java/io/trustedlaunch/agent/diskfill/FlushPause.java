package io.trustedlaunch.agent.diskfill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/**
 * A pause of a guest, for which QEMU writes down what it has in its memory. A file names the guest meanwhile, so that it goes on also if
 * this agent dies.
 *
 * @param mark that file, in memory as the guest is; its folder is there while the backup is served
 */
record FlushPause(Hypervisor hypervisor, GuestPause pause, Path mark) {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** Returns whether QEMU has written down all. */
    boolean flush(UUID vm, long epoch) throws IOException {
        if (!Files.isDirectory(mark.getParent())) {
            return false;
        }
        DurableFiles.write(mark, (vm + " " + epoch).getBytes(US_ASCII));
        boolean isFlushed = pause.during(vm, LONGEST, () -> {});
        Files.deleteIfExists(mark);
        return isFlushed;
    }

    /** Lets a guest go on that an earlier process has paused. */
    void endLeft() throws IOException {
        if (Files.exists(mark)) {
            String[] guest = Files.readString(mark, US_ASCII).split(" ");
            GuestPause.endLeft(hypervisor, UUID.fromString(guest[0]), Long.parseLong(guest[1]));
            Files.deleteIfExists(mark);
        }
    }
}
