package io.trustedlaunch.agent.diskfill;

import io.trustedlaunch.agent.disks.VmDisks;
import io.trustedlaunch.agent.fillserver.FillServers;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.incarnation.IncarnationHook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Shows incarnations which backups are served here. */
public record DiskFillHook(FillServers servers) implements IncarnationHook {
    @Override
    public Optional<Path> fillSocket(UUID fill) {
        return servers.isServing(fill) ? Optional.of(servers.socket(fill)) : Optional.empty();
    }

    @Override
    public boolean isReadable(VmFolder folder, UUID fill) {
        return isWhole(folder)
                || (servers.isServing(fill) && servers.trouble(fill).isEmpty());
    }

    /** A folder that cannot be read is not known to be whole. */
    private static boolean isWhole(VmFolder folder) {
        try {
            return new VmDisks(folder).unfilled().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }
}
