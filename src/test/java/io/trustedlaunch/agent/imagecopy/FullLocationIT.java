package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** An import into a full location. Runs inside a host with its own mounts. */
@Tag("host")
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab")
class FullLocationIT {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    private Path folder;

    private ImportWorld world;

    @BeforeEach
    void mountASmallOne() throws IOException {
        run("mount", "-t", "tmpfs", "-o", "size=110m,mode=0710", "tmpfs", folder.toString());
        world = new ImportWorld(folder);
    }

    @AfterEach
    void unmount() {
        run("umount", folder.toString());
    }

    @Test
    void reservedSpaceIsNotUsedAndMoreSpaceHelps() throws IOException {
        run("mount", "-o", "remount,size=78m", folder.toString());
        byte[] disk = noise(20);
        disk[510] = 0x55;
        disk[511] = (byte) 0xAA;
        Files.write(world.source(), disk);
        world.create(ImageCopies.sha256(world.source()));

        world.pass();
        assertNoSpaceAndNothingLeft();

        run("mount", "-o", "remount,size=300m", folder.toString());
        assertHeals();
    }

    private void assertNoSpaceAndNothingLeft() {
        assertThat(world.reason()).isEqualTo(Reason.NoSpace.name());
        assertThat(world.message()).contains(world.location.toString());
        assertThat(world.files()).isEmpty();
    }

    private void assertHeals() {
        world.later(Duration.ofSeconds(5));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.files()).hasSize(1);
    }

    private static byte[] noise(int mebibytes) {
        byte[] noise = new byte[mebibytes * MEBIBYTE];
        new Random(7).nextBytes(noise);
        return noise;
    }

    private static void run(String... command) {
        Command.Result result = Command.of(Duration.ofSeconds(30), command).run();
        assertThat(result.succeeded()).as(result.outputTail()).isTrue();
    }
}
