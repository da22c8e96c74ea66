package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

/** The contract of a home's files, for the fake and the real implementation. */
abstract class HomeFilesContract {
    abstract HomeFiles files();

    @Test
    void aFileIsReadUpToTheLimit() throws IOException {
        files().write("one", new byte[] {1, 2, 3});
        files().sync("one");
        files().syncFolder();

        assertThat(files().read("one", 10)).containsExactly(1, 2, 3);
        assertThat(files().read("one", 2)).containsExactly(1, 2);
        assertThat(files().list()).containsExactly("one");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        files().write("one", new byte[] {1});
        files().write("two", new byte[] {2});

        assertThatThrownBy(() -> files().write("one", new byte[] {3})).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> files().link("two", "one")).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(files().read("one", 10)).containsExactly(1);
    }

    @Test
    void aSecondNameStaysWhenTheFirstIsRemoved() throws IOException {
        files().write("one", new byte[] {1});
        files().link("one", "two");
        files().delete("one");
        files().delete("one");

        assertThat(files().list()).containsExactly("two");
        assertThat(files().read("two", 10)).containsExactly(1);
    }

    @Test
    void aMissingFileCannotBeReadSyncedOrLinked() {
        assertThatThrownBy(() -> files().read("one", 1)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files().sync("one")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files().link("one", "two")).isInstanceOf(NoSuchFileException.class);
    }
}
