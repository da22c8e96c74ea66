package io.trustedlaunch.backup.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.files.ForeignFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The contract of a store's folders, for the fake and the real implementation. */
abstract class FolderContract {
    /** Empty at first, and the same one each time. */
    abstract Folder root() throws IOException;

    static void write(Folder folder, String name, int... bytes) throws IOException {
        try (Folder.NewFile file = folder.create(name)) {
            for (int each : bytes) {
                file.write(ByteBuffer.wrap(new byte[] {(byte) each}));
            }
            file.sync();
        }
    }

    static byte[] read(Folder folder, String name, int from) throws IOException {
        try (SeekableByteChannel channel = folder.read(name)) {
            ByteBuffer content = ByteBuffer.allocate(100);
            channel.position(from);
            while (channel.read(content) >= 0) {
                // Until the end.
            }
            assertThat(channel.size()).isEqualTo(from + content.position());
            return Arrays.copyOf(content.array(), content.position());
        }
    }

    @Test
    void aFileIsReadFromAnyPlace() throws IOException {
        try (Folder root = root()) {
            write(root, "one", 1, 2, 3);
            root.sync();

            assertThat(read(root, "one", 0)).containsExactly(1, 2, 3);
            assertThat(read(root, "one", 2)).containsExactly(3);
            assertThat(root.list()).containsExactly("one");
        }
    }

    @Test
    void aFolderIsInAFolder() throws IOException {
        try (Folder root = root()) {
            root.make("sub");
            try (Folder sub = root.open("sub")) {
                write(sub, "one", 1);
            }
            try (Folder again = root.open("sub")) {
                assertThat(again.list()).containsExactly("one");
            }
            assertThat(root.list()).containsExactly("sub");
        }
    }

    @Test
    void nothingIsOverwrittenButByRename() throws IOException {
        try (Folder root = root()) {
            write(root, "one", 1);
            write(root, "two", 2);
            root.make("sub");

            assertThatThrownBy(() -> root.create("one")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> root.link("two", "one")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> root.make("one")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> root.make("sub")).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(read(root, "one", 0)).containsExactly(1);
            root.rename("two", "one");
            assertThat(read(root, "one", 0)).containsExactly(2);
            assertThat(root.list()).containsExactlyInAnyOrder("one", "sub");
        }
    }

    @Test
    void aSecondNameStaysWhenTheFirstIsRemoved() throws IOException {
        try (Folder root = root()) {
            write(root, "one", 1);
            root.link("one", "two");
            root.delete("one");
            root.delete("one");

            assertThat(root.list()).containsExactly("two");
            assertThat(read(root, "two", 0)).containsExactly(1);
        }
    }

    @Test
    void onlyAnEmptyFolderIsRemoved() throws IOException {
        try (Folder root = root()) {
            root.make("sub");
            write(root, "file", 1);
            try (Folder sub = root.open("sub")) {
                write(sub, "one", 1);
                assertThatThrownBy(() -> root.deleteFolder("sub")).isInstanceOf(DirectoryNotEmptyException.class);
                sub.delete("one");
            }
            root.deleteFolder("sub");
            root.deleteFolder("sub");

            assertThatThrownBy(() -> root.deleteFolder("file")).isInstanceOf(ForeignFileException.class);
            assertThat(root.list()).containsExactly("file");
        }
    }

    @Test
    void whatIsMissingOrOfAnotherKindIsNotOpened() throws IOException {
        try (Folder root = root()) {
            write(root, "file", 1);
            root.make("sub");

            assertThatThrownBy(() -> root.open("none")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> root.read("none")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> root.link("none", "two")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> root.open("file")).isInstanceOf(ForeignFileException.class);
            assertThatThrownBy(() -> root.read("sub")).isInstanceOf(ForeignFileException.class);
        }
    }
}
