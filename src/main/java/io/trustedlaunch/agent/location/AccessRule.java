package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.location.LocationVerdict.Closed;
import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who can reach a storage location: only the administrator, who may do all, and the hypervisor, which may pass through
 * but not list. Nobody else may be able to put another folder in its place either, so that every parent counts.
 *
 * @param administrator root
 * @param group the group that QEMU runs with
 */
public record AccessRule(String administrator, String group) {
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int OWNER_ALL = 0700;
    private static final int GROUP_PASSES = 0010;

    /** @param chain the facts from the file system's root down to the location itself */
    public Optional<Closed> check(List<PathFacts> chain) {
        return checkParents(chain.subList(0, chain.size() - 1)).or(() -> checkLocation(chain.getLast()));
    }

    /** Every folder above the location; one that is missing is said by the location's own check. */
    Optional<Closed> checkParents(List<PathFacts> parents) {
        return parents.stream().map(this::checkParent).flatMap(Optional::stream).findFirst();
    }

    private Optional<Closed> checkParent(PathFacts parent) {
        if (parent.kind() == Kind.MISSING) {
            return missing(parent.path());
        }
        return notAFolder(parent).or(() -> {
            if (!parent.owner().equals(administrator)) {
                return open(parent, "belongs to " + parent.owner(), "chown " + administrator + " " + parent.path());
            }
            if ((parent.mode() & WRITABLE_BY_OTHERS) != 0) {
                return open(parent, "can be written by others than its owner", "chmod go-w " + parent.path());
            }
            return accessList(parent);
        });
    }

    private Optional<Closed> checkLocation(PathFacts location) {
        if (location.kind() == Kind.MISSING) {
            return missing(location.path());
        }
        return notAFolder(location).or(() -> {
            String ownership = administrator + ":" + group;
            if (!location.owner().equals(administrator) || !location.group().equals(group)) {
                return open(
                        location,
                        "belongs to " + location.owner() + ":" + location.group(),
                        "chown " + ownership + " " + location.path());
            }
            if (location.mode() != (OWNER_ALL | GROUP_PASSES)) {
                return open(location, "has mode " + octal(location.mode()), "chmod 0710 " + location.path());
            }
            return accessList(location);
        });
    }

    private static Optional<Closed> accessList(PathFacts facts) {
        return facts.accessList()
                ? open(facts, "has an access control list", "setfacl -b " + facts.path())
                : Optional.empty();
    }

    private static Optional<Closed> notAFolder(PathFacts facts) {
        return facts.kind() == Kind.FOLDER
                ? Optional.empty()
                : open(facts, facts.kind() == Kind.LINK ? "is a link" : "is not a folder", "name the folder itself");
    }

    private static Optional<Closed> missing(Path path) {
        return Optional.of(new Closed(
                Reason.LocationMissing,
                "there is no folder " + path + " on this node: make it, or mount what should be there"));
    }

    private static Optional<Closed> open(PathFacts facts, String what, String remedy) {
        return Optional.of(new Closed(
                Reason.LocationNotRestricted,
                facts.path() + " " + what + ", so that others could reach the VMs' files: " + remedy));
    }

    private static String octal(int mode) {
        return String.format("%04o", mode);
    }
}
