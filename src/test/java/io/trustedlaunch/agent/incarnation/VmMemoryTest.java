package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmMemoryTest {
    private static final VmRecord RECORD = VmRecord.firstSeen(3)
            .withDisk("os")
            .withEk("ek")
            .resumed(3)
            .askedToShutDown(3, Instant.parse("2026-03-01T12:00:00Z"))
            .withState(
                    StateRecord.NONE.withCopyOf(3).sealed(Sight.version("3-2")).completedBy(3))
            .endedAs(3, Exit.PoweredOff);

    @TempDir
    private Path root;

    private VmMemory memory;
    private Path file;

    @BeforeEach
    void makeMemory() {
        memory = new VmMemory(root.resolve("vms"));
        file = root.resolve("vms").resolve(Lives.VM + ".json");
    }

    @Test
    void whatIsRememberedIsRecalledAndNothingElseIsLeft() throws IOException {
        memory.remember(Lives.VM, VmRecord.firstSeen(1));
        memory.remember(Lives.VM, RECORD);

        assertThat(new VmMemory(root.resolve("vms")).recall(Lives.VM)).isEqualTo(new Recollection.Known(RECORD));
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void whatNothingChangesIsNotWrittenAgainByWhoeverWroteIt() throws IOException {
        memory.remember(Lives.VM, RECORD);
        Object written = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        memory.change(Lives.VM, record -> record);

        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isEqualTo(written);
    }

    /** It may be in the page cache only: written by a process that died, or in a try that failed, before it was durable. */
    @Test
    void whatAnotherProcessWroteIsMadeDurableBeforeItIsReliedOn() throws IOException {
        memory.remember(Lives.VM, RECORD);
        Object written = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        new VmMemory(root.resolve("vms")).change(Lives.VM, record -> record);

        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isNotEqualTo(written);
        assertThat(memory.recall(Lives.VM)).isEqualTo(new Recollection.Known(RECORD));
    }

    @Test
    void onlyItsOwnerReadsIt() throws IOException {
        memory.remember(Lives.VM, RECORD);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aVmThatWasNeverHereIsNotRemembered() {
        assertThat(memory.recall(Lives.VM)).isEqualTo(new Recollection.Nothing());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "not JSON",
                "{\"format\":4,\"vm\":\"7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b\",\"record\":{}}",
                "{\"format\":3,\"vm\":\"7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b\",\"record\":{\"highestEpoch\":3}}"
            })
    void whatCannotBeTrustedIsDamagedAndNotGuessed(String content) throws IOException {
        memory.remember(Lives.VM, RECORD);
        Files.writeString(file, content);

        assertThat(memory.recall(Lives.VM)).isInstanceOf(Recollection.Damaged.class);
    }

    @Test
    void aRecordOfAnotherVmIsNotThisOnes() throws IOException {
        memory.remember(Lives.VM, RECORD);
        UUID other = UUID.randomUUID();
        Files.copy(file, file.resolveSibling(other + ".json"));

        assertThat(memory.recall(other)).isInstanceOf(Recollection.Damaged.class);
    }

    @Test
    void aRecordThatIsSetAsideStaysToBeLookedAt() throws IOException {
        memory.remember(Lives.VM, RECORD);
        Files.writeString(file, "torn");

        memory.setAside(Lives.VM);

        assertThat(memory.recall(Lives.VM)).isEqualTo(new Recollection.Nothing());
        assertThat(file.resolveSibling(Lives.VM + ".json.damaged")).hasContent("torn");
    }
}
