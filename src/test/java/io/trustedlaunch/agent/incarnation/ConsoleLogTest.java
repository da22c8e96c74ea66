package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Root's virtlogd opens the log by its path. */
class ConsoleLogTest extends OneHost {
    @Test
    void theLogIsOnTheHostsOwnDiskAndNotInTheStorageLocation() throws IOException {
        world.pass(incarnation);

        assertThat(log()).exists();
        assertThat(log().startsWith(world.location)).isFalse();
        try (Stream<Path> files = Files.list(world.folder().path())) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("console"));
        }
    }

    @Test
    void theNextIncarnationGoesOnWithTheLogOfTheLastOne() throws IOException {
        world.pass(incarnation);
        Files.writeString(log(), "first");
        world.stop(incarnation);

        world.start(2);

        world.assertRuns();
        assertThat(log()).hasContent("first");
    }

    /** With what virtlogd has rotated. */
    @Test
    void theLogIsRemovedWithTheVm() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        Files.writeString(log().resolveSibling("console.log.0"), "earlier");

        VMIncarnation erased = world.server.desire(incarnation, DesiredState.Erased);
        world.pass(erased);

        assertThat(log().getParent()).doesNotExist();
    }

    /** On a host without virtlogd nothing else ends it. */
    @Test
    void aLogThatAGuestFillsIsEmptiedAndGoesOn() throws IOException {
        world.pass(incarnation);
        Files.write(log(), new byte[(int) ConsoleLogs.LIMIT]);
        world.pass(incarnation);
        assertThat(log()).hasSize(ConsoleLogs.LIMIT);

        Files.writeString(log(), "one more", StandardOpenOption.APPEND);
        world.pass(incarnation);
        Files.writeString(log(), "afterwards", StandardOpenOption.APPEND);

        assertThat(log()).hasContent("afterwards");
        assertThat(new String(world.consoleLogs().recent(VM), US_ASCII)).isEqualTo("afterwards");
    }

    /** Nobody else is told: the VM runs as far as the hypervisor knows. */
    @Test
    void aBootLoaderThatTheFirmwareRefusesIsReportedOnceUntilOneStarts() throws IOException {
        world.pass(incarnation);
        int before = world.server.written().size();

        Files.writeString(log(), "BdsDxe: failed to load Boot0001 \"UEFI Misc Device\": Access Denied\r\n");
        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(world.server.written()).hasSize(before + 1);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.BootLoaderRefused);
        assertThat(world.status(incarnation).message()).contains("Boot0001", "Access Denied", "image");
        world.assertRuns();

        Files.writeString(log(), "BdsDxe: starting Boot0001\r\n", StandardOpenOption.APPEND);
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    private Path log() {
        return world.consoleLogs().of(VM);
    }
}
