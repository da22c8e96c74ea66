package io.trustedlaunch.agent.incarnation.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
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

class VmRecordStoreTest {
    private static final VmRecord RECORD = VmRecord.firstSeen(3)
            .withDisk("os")
            .withEk("ek")
            .resumed(3)
            .withShutdown(3, Instant.parse("2026-03-01T12:00:00Z"))
            .withState(StateRecord.NONE
                    .withCopyOf(3)
                    .sealed(FactsFixture.version("3-2"))
                    .completedBy(3))
            .withEnd(3, Exit.PoweredOff);

    @TempDir
    private Path root;

    private VmRecordStore memory;
    private Path file;

    @BeforeEach
    void makeMemory() {
        memory = new VmRecordStore(root.resolve("vms"));
        file = root.resolve("vms").resolve(IncarnationFixture.VM + ".json");
    }

    @Test
    void whatIsRememberedIsRecalledAndNothingElseIsLeft() throws IOException {
        memory.save(IncarnationFixture.VM, VmRecord.firstSeen(1));
        memory.save(IncarnationFixture.VM, RECORD);

        assertThat(new VmRecordStore(root.resolve("vms")).lookUp(IncarnationFixture.VM))
                .isEqualTo(new RecordLookup.Found(RECORD));
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void whatNothingChangesIsNotWrittenAgainByWhoeverWroteIt() throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        Object written = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        memory.update(IncarnationFixture.VM, record -> record);

        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isEqualTo(written);
    }

    /** It may be in the page cache only: written by a process that died, or in a try that failed, before it was durable. */
    @Test
    void whatAnotherProcessWroteIsMadeDurableBeforeItIsReliedOn() throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        Object written = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        new VmRecordStore(root.resolve("vms")).update(IncarnationFixture.VM, record -> record);

        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isNotEqualTo(written);
        assertThat(memory.lookUp(IncarnationFixture.VM)).isEqualTo(new RecordLookup.Found(RECORD));
    }

    @Test
    void onlyItsOwnerReadsIt() throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aVmThatWasNeverHereIsNotRemembered() {
        assertThat(memory.lookUp(IncarnationFixture.VM)).isEqualTo(new RecordLookup.Missing());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "not JSON",
                "{\"format\":2,\"vm\":\"7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b\",\"record\":{}}",
                "{\"format\":1,\"vm\":\"7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b\",\"record\":{\"highestEpoch\":3}}"
            })
    void whatCannotBeTrustedIsDamagedAndNotGuessed(String content) throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        Files.writeString(file, content);

        assertThat(memory.lookUp(IncarnationFixture.VM)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "disksMade", "migration", "erased", "ekDigest", "ended", "shutdown"})
    void aRecordWithoutOneOfItsFieldsIsDamaged(String field) throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        JsonMapper json = new JsonMapper();
        ObjectNode page = (ObjectNode) json.readTree(file.toFile());
        ((ObjectNode) page.get("record")).remove(field);
        Files.writeString(file, page.toString());

        assertThat(memory.lookUp(IncarnationFixture.VM)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aRecordOfAnotherFormatIsRefusedAndSaysSo(int format) throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        Files.writeString(file, Files.readString(file).replace("\"format\":1", "\"format\":" + format));

        assertThat(memory.lookUp(IncarnationFixture.VM))
                .isInstanceOfSatisfying(
                        RecordLookup.Damaged.class,
                        damaged -> assertThat(damaged.message()).contains("format " + format, "install the version"));
    }

    @Test
    void aFieldThatIsNotKnownIsNotPassedOver() throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        Files.writeString(file, Files.readString(file).replace("\"erased\":", "\"fenced\":true,\"erased\":"));

        assertThat(memory.lookUp(IncarnationFixture.VM)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @Test
    void aRecordOfAnotherVmIsNotThisOnes() throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        UUID other = UUID.randomUUID();
        Files.copy(file, file.resolveSibling(other + ".json"));

        assertThat(memory.lookUp(other)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @Test
    void aRecordThatIsSetAsideStaysToBeLookedAt() throws IOException {
        memory.save(IncarnationFixture.VM, RECORD);
        Files.writeString(file, "torn");

        memory.setAside(IncarnationFixture.VM);

        assertThat(memory.lookUp(IncarnationFixture.VM)).isEqualTo(new RecordLookup.Missing());
        assertThat(file.resolveSibling(IncarnationFixture.VM + ".json.damaged")).hasContent("torn");
    }
}
