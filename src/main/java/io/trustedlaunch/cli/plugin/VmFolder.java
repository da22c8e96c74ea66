package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.files.RegularFiles;
import io.trustedlaunch.gueststate.HomeReader;
import java.io.IOException;
import java.util.List;

/** A VM's folder on this machine. */
record VmFolder(RegularFiles files) implements HomeReader {
    @Override
    public List<String> list() throws IOException {
        return files.list();
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        return files.read(name, limit);
    }
}
