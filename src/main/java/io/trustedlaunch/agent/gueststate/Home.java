package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.recovery.EscrowName;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One VM's home: its sealed guest states and its escrow, in its folder of the storage location. A name is never reused, so
 * a state is complete or absent; the highest name is the newest state.
 */
public final class Home {
    private static final Logger LOG = LoggerFactory.getLogger(Home.class);

    /** The newest state, and two older ones to fall back on. */
    private static final int KEPT = 3;

    /** Generation with which an incarnation claims the home. */
    private static final long CLAIM = 1;

    /** The last state and the one before it: the last may have been changed while no agent was running. */
    private static final int PREVIOUS_KEPT = 2;

    /** Attempts to read a consistent home while its guest is sealed; a read is much faster than a sealing. */
    private static final int MAX_READS = 10;

    /** Suffix of a state that must not be used; such a name does not parse as a state. */
    private static final String REJECTED = ".rejected";

    private final HomeFiles files;
    private final String temporaryPrefix;
    private final Supplier<UUID> names;
    private final Failpoints failpoints;
    private boolean cleared;

    /** @param nodeName distinguishes the temporary files of nodes that share the folder */
    public Home(HomeFiles files, String nodeName, Supplier<UUID> names, Failpoints failpoints) {
        this.files = files;
        // No node name contains '@', so no prefix matches another node's files.
        this.temporaryPrefix = ".guest-state@" + nodeName + "@";
        this.names = names;
        this.failpoints = failpoints;
    }

    /** The versions in the home, the newest first. */
    public List<GuestStateVersion> versions() throws IOException {
        return versions(files.list());
    }

    private static List<GuestStateVersion> versions(List<String> names) {
        return names.stream()
                .map(GuestStateName::parse)
                .flatMap(Optional::stream)
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    /** Makes existing names durable: their writer may have died or failed before it did. */
    void settle() throws IOException {
        files.syncFolder();
    }

    /** Reads a version's file, up to one byte more than the limit. */
    public byte[] read(GuestStateVersion version) throws IOException {
        return files.read(GuestStateName.of(version), SealedGuestState.MAX_BYTES + 1);
    }

    /**
     * Makes the file durable under its name, then removes versions that are no longer needed. Returns {@code false} if the
     * name exists. After a failure the name is either absent or that of the complete file.
     */
    public boolean publish(GuestStateVersion version, byte[] sealed) throws IOException {
        if (!create(
                sealed,
                Failpoint.AGENT_SEALED_FILE_WRITTEN,
                temporary -> linked(temporary, GuestStateName.of(version)))) {
            return false;
        }
        files.syncFolder();
        failpoints.reached(Failpoint.AGENT_SEALED_FILE_NAMED);
        prune(version);
        return true;
    }

    /** Makes an incarnation's escrow durable, in place of one that it had before, then removes those of earlier incarnations. */
    public void keepEscrow(long epoch, byte[] sealed) throws IOException {
        create(sealed, Failpoint.AGENT_ESCROW_WRITTEN, temporary -> {
            files.rename(temporary, EscrowName.of(epoch));
            return true;
        });
        files.syncFolder();
        failpoints.reached(Failpoint.AGENT_ESCROW_NAMED);
        pruneEscrows(epoch);
    }

    /**
     * The files that another home of the VM needs: the newest states and the newest incarnation's claim, oldest first, and the
     * newest escrow. A consistent snapshot, even while states are sealed.
     */
    public List<HomeFile> files() throws IOException {
        for (int read = 1; read <= MAX_READS; read++) {
            try {
                return contents(files.list());
            } catch (NoSuchFileException e) {
                LOG.debug("{} was removed while the home was read, because a newer state was sealed", e.getFile());
            }
        }
        throw new IOException(
                "files of the VM's home were removed during each of " + MAX_READS + " reads; the agent tries again");
    }

    private List<HomeFile> contents(List<String> names) throws IOException {
        List<HomeFile> contents = new ArrayList<>();
        for (GuestStateVersion version : needed(versions(names))) {
            contents.addFirst(new HomeFile(GuestStateName.of(version), read(version)));
        }
        OptionalLong escrow = names.stream()
                .map(EscrowName::parse)
                .flatMapToLong(OptionalLong::stream)
                .max();
        if (escrow.isPresent()) {
            String name = EscrowName.of(escrow.getAsLong());
            contents.add(new HomeFile(name, files.read(name, Escrow.MAX_BYTES)));
        }
        return contents;
    }

    /** Adds the files of another home that are missing here. Returns when they are durable. */
    public void take(List<HomeFile> content, long below) throws IOException {
        List<String> there = files.list();
        for (HomeFile file : content) {
            if (!there.contains(file.name())) {
                take(file, below);
            }
        }
        files.syncFolder();
    }

    /** Refuses names that only a later incarnation can have written. */
    private void take(HomeFile file, long below) throws IOException {
        Optional<GuestStateVersion> state =
                GuestStateName.parse(file.name()).filter(version -> version.epoch() < below);
        OptionalLong escrow = EscrowName.parse(file.name());
        if (state.isPresent()) {
            publish(state.get(), file.content());
        } else if (escrow.isPresent() && escrow.getAsLong() < below) {
            keepEscrow(escrow.getAsLong(), file.content());
        } else {
            throw new IOException("file " + file.name() + " cannot belong to a home before epoch " + below);
        }
    }

    /** What becomes of a file that is complete and on the disk; false: there was another one by that name. */
    private interface Naming {
        boolean name(String temporary) throws IOException;
    }

    private boolean create(byte[] content, Failpoint written, Naming naming) throws IOException {
        clearTemporaries();
        String temporary = temporaryPrefix + names.get();
        try {
            files.write(temporary, content);
            files.sync(temporary);
            failpoints.reached(written);
            return naming.name(temporary);
        } finally {
            deleteTemporary(temporary);
        }
    }

    /** Renames a state that must not be used, so that readers ignore it and people can still inspect it. */
    public void setAside(GuestStateVersion version) throws IOException {
        String name = GuestStateName.of(version);
        for (int number = 0; !linked(name, name + REJECTED + (number == 0 ? "" : "-" + number)); number++) {
            LOG.debug("{} was set aside before; trying the next number", name);
        }
        files.syncFolder();
        files.delete(name);
        files.syncFolder();
        LOG.warn("Set {} aside as {}{}", name, name, REJECTED);
    }

    private boolean linked(String existing, String name) throws IOException {
        try {
            files.link(existing, name);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /**
     * Versions above the written one belong to a later writer and stay. A file that cannot be removed is no failure.
     */
    private void prune(GuestStateVersion written) {
        try {
            List<GuestStateVersion> there = versions().stream()
                    .filter(version -> version.compareTo(written) <= 0)
                    .toList();
            List<GuestStateVersion> kept = kept(there);
            for (GuestStateVersion version : there) {
                if (!kept.contains(version)) {
                    files.delete(GuestStateName.of(version));
                }
            }
        } catch (IOException e) {
            LOG.warn("Cannot remove guest states older than {}: {}", written, e.getMessage());
        }
    }

    /** The versions that every home needs, and the last ones of the previous incarnation. */
    private static List<GuestStateVersion> kept(List<GuestStateVersion> there) {
        List<GuestStateVersion> earlier = there.stream()
                .filter(version -> version.epoch() < there.getFirst().epoch())
                .toList();
        Stream<GuestStateVersion> before = earlier.stream()
                .filter(version -> version.epoch().equals(earlier.getFirst().epoch()))
                .limit(PREVIOUS_KEPT);
        return Stream.concat(needed(there).stream(), before).toList();
    }

    /**
     * Includes the latest incarnation's claim: it was probed before the guest ran, unlike states sealed while it runs.
     *
     * @param there the newest first, like the result
     */
    private static List<GuestStateVersion> needed(List<GuestStateVersion> there) {
        List<GuestStateVersion> newest = there.stream().limit(KEPT).toList();
        Stream<GuestStateVersion> claim = there.stream()
                .skip(KEPT)
                .filter(version ->
                        version.equals(new GuestStateVersion(there.getFirst().epoch(), CLAIM)));
        return Stream.concat(newest.stream(), claim).toList();
    }

    private void pruneEscrows(long epoch) {
        try {
            for (String name : files.list()) {
                OptionalLong earlier = EscrowName.parse(name);
                if (earlier.isPresent() && earlier.getAsLong() < epoch) {
                    files.delete(name);
                }
            }
        } catch (IOException e) {
            LOG.warn("Cannot remove escrows older than that of epoch {}: {}", epoch, e.getMessage());
        }
    }

    /** Removes files of a dead agent of this node. A paused one then finds its file missing and publishes nothing. */
    private void clearTemporaries() throws IOException {
        if (cleared) {
            return;
        }
        for (String name : files.list()) {
            if (name.startsWith(temporaryPrefix)) {
                files.delete(name);
            }
        }
        cleared = true;
    }

    private void deleteTemporary(String temporary) {
        try {
            files.delete(temporary);
        } catch (IOException e) {
            LOG.warn("Cannot delete {}; the next agent process will: {}", temporary, e.getMessage());
        }
    }
}
