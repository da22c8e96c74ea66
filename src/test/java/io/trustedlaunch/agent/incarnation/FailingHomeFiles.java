package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.HomeFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Files whose writes fail while the test says so. */
record FailingHomeFiles(HomeFiles files, Supplier<Optional<IOException>> failure) implements HomeFiles {
    @Override
    public List<String> list() throws IOException {
        return files.list();
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        return files.read(name, limit);
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        Optional<IOException> failed = failure.get();
        if (failed.isPresent()) {
            throw failed.get();
        }
        files.write(name, content);
    }

    @Override
    public void sync(String name) throws IOException {
        files.sync(name);
    }

    @Override
    public void link(String existing, String name) throws IOException {
        files.link(existing, name);
    }

    @Override
    public void rename(String existing, String name) throws IOException {
        files.rename(existing, name);
    }

    @Override
    public void delete(String name) throws IOException {
        files.delete(name);
    }

    @Override
    public void syncFolder() throws IOException {
        files.syncFolder();
    }
}
