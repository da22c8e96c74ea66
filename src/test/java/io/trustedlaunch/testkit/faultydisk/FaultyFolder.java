package io.trustedlaunch.testkit.faultydisk;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Iterator;
import java.util.Set;

/** An open folder of the faulty disk. */
record FaultyFolder(Path folder, SecureDirectoryStream<Path> real) implements SecureDirectoryStream<Path> {
    @Override
    public Iterator<Path> iterator() {
        Iterator<Path> each = real.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return each.hasNext();
            }

            @Override
            public Path next() {
                return FaultyPath.of(each.next(), folder.getFileSystem());
            }
        };
    }

    @Override
    public SecureDirectoryStream<Path> newDirectoryStream(Path name, LinkOption... options) throws IOException {
        return new FaultyFolder(folder.resolve(name), real.newDirectoryStream(FaultyPath.real(name), options));
    }

    @Override
    public void deleteFile(Path name) throws IOException {
        DiskFaults.before("delete", folder.resolve(name));
        real.deleteFile(FaultyPath.real(name));
    }

    @Override
    public void deleteDirectory(Path name) throws IOException {
        DiskFaults.before("delete", folder.resolve(name));
        real.deleteDirectory(FaultyPath.real(name));
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path name, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(FaultyPath.real(name), type, options);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void move(Path source, SecureDirectoryStream<Path> targetFolder, Path target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Class<V> type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        real.close();
    }
}
