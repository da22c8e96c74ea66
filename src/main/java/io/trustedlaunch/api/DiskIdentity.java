package io.trustedlaunch.api;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which data disk of a VM it is, for as long as the VM exists: its name, and the epoch that added it. A disk that has the name of an
 * earlier one is another disk. File name, serial number and name in backups follow from it.
 *
 * @param addedBy epoch of the incarnation that the disk was added for; empty for the disks that the VM was created with
 */
public record DiskIdentity(String name, Optional<Long> addedBy) {
    /** In schemas; names are DNS labels, so that the dot separates. */
    public static final String PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][1-9][0-9]*)?$";

    public static final int MAX_LENGTH = 52;

    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,30}[a-z0-9])?");
    private static final Pattern TEXT = Pattern.compile("(" + NAME + ")(?:[.]([1-9][0-9]{0,18}))?");

    /** @throws IllegalArgumentException if no disk has such a name; so no other name becomes a path */
    public DiskIdentity {
        if (!NAME.matcher(name).matches() || addedBy.filter(epoch -> epoch < 1).isPresent()) {
            throw new IllegalArgumentException("no data disk is named " + name
                    + addedBy.map(epoch -> " and was added by epoch " + epoch).orElse(""));
        }
    }

    /** A disk that the VM was created with. */
    public static DiskIdentity ofFirstStart(String name) {
        return new DiskIdentity(name, Optional.empty());
    }

    /** Empty for what {@link #toString} never returns. */
    public static Optional<DiskIdentity> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        try {
            return matcher.matches()
                    ? Optional.of(new DiskIdentity(
                            matcher.group(1),
                            Optional.ofNullable(matcher.group(2)).map(Long::valueOf)))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException if no disk has such an identity */
    public static DiskIdentity of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("no data disk is named " + text));
    }

    /** The name, and the epoch after a dot. */
    @Override
    public String toString() {
        return name + addedBy.map(epoch -> "." + epoch).orElse("");
    }
}
