package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainStatusFilesTest {
    private static final UUID VM = UUID.fromString("b1b3c5a7-1111-4222-8333-444455556666");

    @TempDir
    private Path root;

    @Test
    void aBackupIsRecognized() throws IOException {
        assertThat(hasBackupJob("<job type='none' async='backup' flags='0x0' asyncStarted='1795921837696'/>"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<job type='modify' async='none'/>",
                "<job type='none' async='migration out' phase='perform3' flags='0x0'/>",
                "<domain><description>&lt;job async='backup'/&gt;</description><job async='backup'/></domain>",
                "<job",
                "<!DOCTYPE job>"
            })
    void nothingElseIsOne(String content) throws IOException {
        assertThat(hasBackupJob(content)).isFalse();
    }

    @Test
    void aDomainThatHasEndedHasNone() {
        assertThat(new DomainStatusFiles(root).hasBackupJob(VM)).isFalse();
    }

    private boolean hasBackupJob(String content) throws IOException {
        Files.writeString(
                root.resolve(VM + ".xml"),
                "<!-- generated -->\n<domstatus state='running' reason='booted' pid='1'>" + content + "</domstatus>");
        return new DomainStatusFiles(root).hasBackupJob(VM);
    }
}
