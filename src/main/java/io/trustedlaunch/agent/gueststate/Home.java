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
 * One VM's home: sealed guest states in its folder of the storage location, and its escrow. A name that was given is never given again,
 * so that a state is whole or not there; the highest name is the newest state.
 */
public final class Home {
    private static final Logger LOG = LoggerFactory.getLogger(Home.class);

    /** The newest, and two to fall back on. */
    private static final int KEPT = 3;

    /** Of each life: what it claimed the home with. */
    private static final long CLAIM = 1;

    /** What a guest left, and what it was before: what is left may have been changed while no agent watched. */
    private static final int KEPT_OF_THE_INCARNATION_BEFORE = 2;

    /** Of a home that is read whole, whose guest seals meanwhile: the time from one state to the next is that of several reads. */
    private static final int MOST_LOOKS = 10;

    /** After the name of a state that was not to be used; it parses as none. */
    private static final String REJECTED = ".rejected";

    private final HomeFiles files;
    private final String temporaryPrefix;
    private final Supplier<UUID> names;
    private final Failpoints failpoints;
    private boolean cleared;

    /** @param nodeName whose temporary files are whose, in a folder that nodes share */
    public Home(HomeFiles files, String nodeName, Supplier<UUID> names, Failpoints failpoints) {
        this.files = files;
        // No node has this sign in its name, so that none takes another's files for its own.
        this.temporaryPrefix = ".guest-state@" + nodeName + "@";
        this.names = names;
        this.failpoints = failpoints;
    }

    /** What is there, by name, the newest first. */
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

    /** What is there stays: whoever gave a name may have died, or failed, before it was durable. */
    void settle() throws IOException {
        files.syncFolder();
    }

    /** The file of a version: at most one byte more than any that is valid has. */
    public byte[] read(GuestStateVersion version) throws IOException {
        return files.read(GuestStateName.of(version), SealedGuestState.MAX_BYTES + 1);
    }

    /**
     * Returns when the file is durable under its name, and then removes versions that are no longer needed; {@code false}
     * where the name was given before. After a failure the name is given to the whole file, or not given.
     */
    public boolean publish(GuestStateVersion version, byte[] sealed) throws IOException {
        if (!give(GuestStateName.of(version), sealed, Failpoint.AGENT_SEALED_FILE_WRITTEN)) {
            return false;
        }
        files.syncFolder();
        failpoints.reached(Failpoint.AGENT_SEALED_FILE_NAMED);
        prune(version);
        return true;
    }

    /**
     * Returns when the escrow of a life is durable, and then removes those of earlier lives. The first that a life brought
     * stays: another would say the same.
     */
    public void keepEscrow(long epoch, byte[] sealed) throws IOException {
        give(EscrowName.of(epoch), sealed, Failpoint.AGENT_ESCROW_WRITTEN);
        // Also where it is there: an earlier try may have failed just here.
        files.syncFolder();
        failpoints.reached(Failpoint.AGENT_ESCROW_NAMED);
        pruneEscrows(epoch);
    }

    /**
     * What another home of the VM needs to have: the newest states and the claim of the newest life, the oldest first, and the
     * newest escrow. All of one moment, whatever is sealed meanwhile.
     */
    public List<HomeFile> files() throws IOException {
        for (int look = 1; look <= MOST_LOOKS; look++) {
            try {
                return contents(files.list());
            } catch (NoSuchFileException e) {
                LOG.debug("{} went away while the home was read, since a newer state was sealed", e.getFile());
            }
        }
        throw new IOException("its files went away while they were read, " + MOST_LOOKS + " times in a row");
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

    /** Takes from another home what is not there. Returns when it is durable. */
    public void take(List<HomeFile> content, long below) throws IOException {
        List<String> there = files.list();
        for (HomeFile file : content) {
            if (!there.contains(file.name())) {
                take(file, below);
            }
        }
        files.syncFolder();
    }

    /** What only a later life can have written comes from nobody who tells the truth. */
    private void take(HomeFile file, long below) throws IOException {
        Optional<GuestStateVersion> state =
                GuestStateName.parse(file.name()).filter(version -> version.epoch() < below);
        OptionalLong escrow = EscrowName.parse(file.name());
        if (state.isPresent()) {
            publish(state.get(), file.content());
        } else if (escrow.isPresent() && escrow.getAsLong() < below) {
            keepEscrow(escrow.getAsLong(), file.content());
        } else {
            throw new IOException("no file of a home before epoch " + below + " has this name: " + file.name());
        }
    }

    private boolean give(String name, byte[] content, Failpoint written) throws IOException {
        clearTemporaries();
        String temporary = temporaryPrefix + names.get();
        try {
            files.write(temporary, content);
            files.sync(temporary);
            failpoints.reached(written);
            return linked(temporary, name);
        } finally {
            deleteTemporary(temporary);
        }
    }

    /** Keeps a state that must not be used for whoever wants to look into it, where no reader takes it. */
    public void setAside(GuestStateVersion version) throws IOException {
        String name = GuestStateName.of(version);
        for (int number = 0; !linked(name, name + REJECTED + (number == 0 ? "" : "-" + number)); number++) {
            LOG.debug("{} was set aside before", name);
        }
        files.syncFolder();
        files.delete(name);
        files.syncFolder();
        LOG.warn("{} was set aside, as {}{}", name, name, REJECTED);
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
     * What is above the version is a later writer's. That something could not be removed is no failure.
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
            LOG.warn("Older guest states than {} stay, as they cannot be removed: {}", written, e.getMessage());
        }
    }

    /** Beside what every home needs to have, the last ones of the life before. */
    private static List<GuestStateVersion> kept(List<GuestStateVersion> there) {
        List<GuestStateVersion> earlier = there.stream()
                .filter(version -> version.epoch() < there.getFirst().epoch())
                .toList();
        Stream<GuestStateVersion> before = earlier.stream()
                .filter(version -> version.epoch().equals(earlier.getFirst().epoch()))
                .limit(KEPT_OF_THE_INCARNATION_BEFORE);
        return Stream.concat(needed(there).stream(), before).toList();
    }

    /**
     * Of the latest life the claim, too: it was probed before the guest ran, and what is sealed while the guest runs is not,
     * however much of it there is.
     *
     * @param there the newest first, as what is returned
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
            LOG.warn("Escrows of earlier lives than {} stay, as they cannot be removed: {}", epoch, e.getMessage());
        }
    }

    /** What an agent of this node that died left behind; a paused one finds its own gone, and publishes nothing. */
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
            LOG.warn("{} stays until a later agent clears it away: {}", temporary, e.getMessage());
        }
    }
}
