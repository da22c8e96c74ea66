package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.location.LocationVerdict.Closed;
import io.trustedlaunch.agent.location.LocationVerdict.Open;
import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a storage location on this host: before every start, and every half minute.
 *
 * @param ownFolder below it, a missing location is made; everywhere else it is an administrator's to make, or a mount
 *     that did not come up
 */
public record LocationCheck(PathInspector inspector, HypervisorAccount account, Path ownFolder) {
    private static final int PROBE_BYTES = 64 * 1024;

    /** What is to be said of the location now. */
    public LocationVerdict verdict(Path location) {
        try {
            Optional<Closed> closed = check(location);
            if (closed.isPresent()) {
                return closed.get();
            }
            probe(location);
            return new Open();
        } catch (IOException e) {
            return NoSpace.isCauseOf(e)
                    ? new Closed(Reason.NoSpace, location + " is full: free or add space")
                    : new Closed(Reason.LocationMissing, location + " cannot be used: " + e.getMessage());
        }
    }

    /** Returns only if VM files may lie there. */
    public void require(Path location) {
        if (verdict(location) instanceof Closed(Reason reason, String message)) {
            throw new RefusedException(reason, message);
        }
    }

    private Optional<Closed> check(Path location) throws IOException {
        if (!location.isAbsolute() || !location.normalize().equals(location)) {
            return Optional.of(new Closed(Reason.LocationMissing, location + " is not an absolute, plain path"));
        }
        AccessRule rule = new AccessRule(
                account.administrator().getName(), account.group().getName());
        if (location.startsWith(ownFolder) && !location.equals(ownFolder)) {
            make(location, rule);
        }
        return rule.check(chain(location));
    }

    /** Makes what is missing below the agent's own folder, if nobody could have put a trap there. */
    private void make(Path location, AccessRule rule) throws IOException {
        List<PathFacts> chain = chain(location);
        List<PathFacts> missing =
                chain.stream().filter(facts -> facts.kind() == Kind.MISSING).toList();
        if (missing.isEmpty()
                || rule.checkParents(chain.subList(0, chain.size() - missing.size()))
                        .isPresent()) {
            return;
        }
        for (PathFacts facts : missing.subList(0, missing.size() - 1)) {
            Files.createDirectory(facts.path());
            Files.setPosixFilePermissions(facts.path(), PosixFilePermissions.fromString("rwx--x--x"));
        }
        account.makePassage(location);
    }

    /** Every part of the path, from the file system's root to the location itself. */
    List<PathFacts> chain(Path location) {
        List<PathFacts> chain = new ArrayList<>();
        for (Path path = location; path != null; path = path.getParent()) {
            chain.addFirst(inspector.look(path));
        }
        return chain;
    }

    /** A file system can be mounted read-only, or full, and look well otherwise. */
    private static void probe(Path location) throws IOException {
        Path probe = Files.createTempFile(location, ".probe-", "");
        try {
            Files.write(probe, new byte[PROBE_BYTES]);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
