package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the kernel's inotify. */
class InotifyChangesTest {
    private static final UUID VM = UUID.randomUUID();
    private static final UUID OTHER = UUID.randomUUID();

    @TempDir
    private Path root;

    private final BlockingQueue<UUID> reported = new LinkedBlockingQueue<>();
    private WorkingCopyLayout layout;
    private InotifyChanges changes;

    @BeforeEach
    void watchTwo() throws IOException {
        layout = new WorkingCopyLayout(root.resolve("swtpm"), root.resolve("nvram"));
        changes = InotifyChanges.notifying(reported::add);
        for (UUID vm : new UUID[] {VM, OTHER}) {
            Files.createDirectories(layout.tpmState(vm).getParent());
            Files.createDirectories(layout.variables(vm).getParent());
            Files.writeString(layout.tpmState(vm), "state");
            Files.writeString(layout.variables(vm), "variables");
        }
        // Only after everything is written: changes of other files in the folder may be reported too.
        changes.watch(layout.inspect(VM));
        changes.watch(layout.inspect(OTHER));
        assertThat(next()).as("reported at once, for earlier changes").isEqualTo(VM);
        assertThat(next()).isEqualTo(OTHER);
    }

    @AfterEach
    void close() {
        changes.close();
    }

    @Test
    void aReplacedStateIsReported() throws IOException {
        Path unfinished = Files.writeString(layout.tpmState(VM).resolveSibling("TMP2-00.permall"), "newer");
        Files.move(unfinished, layout.tpmState(VM), StandardCopyOption.ATOMIC_MOVE);

        assertThat(next()).isEqualTo(VM);
    }

    @Test
    void variablesWrittenInPlaceAreReportedForTheirVmOnly() throws IOException {
        Files.writeString(layout.variables(OTHER), "newer");

        assertThat(next()).isEqualTo(OTHER);
        assertThat(reported).doesNotContain(VM);
    }

    @Test
    void aForgottenVmIsNotReported() throws IOException {
        changes.forget(VM);
        Files.writeString(layout.variables(VM), "newer");
        Files.writeString(layout.variables(OTHER), "newer");

        assertThat(next()).isEqualTo(OTHER);
    }

    @Test
    void aFolderCreatedAgainIsWatchedAgain() throws IOException {
        WorkingCopy copy = layout.inspect(VM);
        changes.forget(VM);
        layout.erase(VM);
        Files.createDirectories(copy.tpmState().getParent());
        changes.watch(copy);
        assertThat(next()).isEqualTo(VM);

        Files.writeString(copy.tpmState(), "of the next incarnation");
        assertThat(next()).isEqualTo(VM);
    }

    private UUID next() {
        try {
            return reported.poll(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
