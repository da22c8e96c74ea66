package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a storage location on this host, before every start and every half minute.
 *
 * @param ownFolder missing locations below it are created; elsewhere an administrator creates them, or a mount is missing
 */
public record LocationCheck(PathInspector inspector, HypervisorAccount account, Path ownFolder) {
    private static final int PROBE_BYTES = 64 * 1024;

    /** Why VM files must not be in the location now; empty if they may. */
    public Optional<Problem> problem(Path location) {
        try {
            Optional<Problem> problem = check(location);
            if (problem.isEmpty()) {
                probe(location);
            }
            return problem;
        } catch (IOException e) {
            return Optional.of(
                    NoSpace.isCauseOf(e)
                            ? new Problem(
                                    Reason.NoSpace, "storage location " + location + " is full; free or add space")
                            : new Problem(
                                    Reason.LocationMissing,
                                    "cannot write to storage location " + location + ": " + e.getMessage()
                                            + "; check its file system"));
        }
    }

    /** Throws unless VM files may be in the location. */
    public void require(Path location) {
        problem(location).ifPresent(problem -> {
            throw new RefusedException(problem);
        });
    }

    private Optional<Problem> check(Path location) throws IOException {
        if (!location.isAbsolute() || !location.normalize().equals(location)) {
            return Optional.of(new Problem(
                    Reason.LocationMissing,
                    location + " is not an absolute, normalized path; create a StorageLocation with such a path"));
        }
        Optional<String> noAccount = account.problem();
        if (noAccount.isPresent()) {
            return noAccount.map(message -> new Problem(Reason.PreflightFailed, message));
        }
        AccessRule rule = new AccessRule(
                account.administrator().getName(), account.group().getName());
        if (location.startsWith(ownFolder) && !location.equals(ownFolder)) {
            create(location, rule);
        }
        return rule.check(chain(location));
    }

    /** Creates missing folders below the agent's own folder, if no one else can write there. */
    private void create(Path location, AccessRule rule) throws IOException {
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

    /** Inspects every part of the path, from the file system's root to the location itself. */
    List<PathFacts> chain(Path location) {
        List<PathFacts> chain = new ArrayList<>();
        for (Path path = location; path != null; path = path.getParent()) {
            chain.addFirst(inspector.inspect(path));
        }
        return chain;
    }

    /** Detects a file system that is mounted read-only or full. */
    private static void probe(Path location) throws IOException {
        Path probe = Files.createTempFile(location, ".probe-", "");
        try {
            Files.write(probe, new byte[PROBE_BYTES]);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
