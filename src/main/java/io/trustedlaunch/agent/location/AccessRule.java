package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The required access to a storage location: everything for the administrator, passage without listing for the hypervisor,
 * nothing for others. Others must not be able to replace the location either, so every parent is checked.
 *
 * @param administrator root
 * @param group of QEMU's process
 */
public record AccessRule(String administrator, String group) {
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int OWNER_ALL = 0700;
    private static final int GROUP_PASSES = 0010;

    /** @param chain facts from the file system's root down to the location itself */
    public Optional<Problem> check(List<PathFacts> chain) {
        return checkParents(chain.subList(0, chain.size() - 1)).or(() -> checkLocation(chain.getLast()));
    }

    /** Checks every folder above the location. */
    Optional<Problem> checkParents(List<PathFacts> parents) {
        return parents.stream().map(this::checkParent).flatMap(Optional::stream).findFirst();
    }

    private Optional<Problem> checkParent(PathFacts parent) {
        if (parent.kind() == Kind.MISSING) {
            return missing(parent.path());
        }
        return notAFolder(parent).or(() -> {
            if (!parent.owner().equals(administrator)) {
                return unsafe(parent, "belongs to " + parent.owner(), "chown " + administrator + " " + parent.path());
            }
            if ((parent.mode() & WRITABLE_BY_OTHERS) != 0) {
                return unsafe(parent, "can be written by others than its owner", "chmod go-w " + parent.path());
            }
            return accessList(parent);
        });
    }

    private Optional<Problem> checkLocation(PathFacts location) {
        if (location.kind() == Kind.MISSING) {
            return missing(location.path());
        }
        return notAFolder(location).or(() -> {
            String ownership = administrator + ":" + group;
            if (!location.owner().equals(administrator) || !location.group().equals(group)) {
                return unsafe(
                        location,
                        "belongs to " + location.owner() + ":" + location.group(),
                        "chown " + ownership + " " + location.path());
            }
            if (location.mode() != (OWNER_ALL | GROUP_PASSES)) {
                return unsafe(location, "has mode " + octal(location.mode()), "chmod 0710 " + location.path());
            }
            return accessList(location);
        });
    }

    private static Optional<Problem> accessList(PathFacts facts) {
        return facts.accessList()
                ? unsafe(facts, "has an access control list", "setfacl -b " + facts.path())
                : Optional.empty();
    }

    private static Optional<Problem> notAFolder(PathFacts facts) {
        return facts.kind() == Kind.FOLDER
                ? Optional.empty()
                : unsafe(
                        facts,
                        facts.kind() == Kind.LINK ? "is a link" : "is not a folder",
                        "name the folder itself in the StorageLocation");
    }

    private static Optional<Problem> missing(Path path) {
        return Optional.of(new Problem(
                Reason.LocationMissing,
                "there is no folder " + path + " on this node; create it, or mount its file system"));
    }

    private static Optional<Problem> unsafe(PathFacts facts, String fact, String remedy) {
        return Optional.of(new Problem(
                Reason.LocationNotRestricted,
                facts.path() + " " + fact + ", so others could reach the VMs' files; to fix it: " + remedy));
    }

    private static String octal(int mode) {
        return String.format("%04o", mode);
    }
}
