package io.trustedlaunch.agent.location;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;

/**
 * One part of a path on the disk; links are not followed.
 *
 * @param mode the twelve permission bits
 * @param accessList whether an access control list grants more than the mode shows
 */
@RecordBuilder
public record PathFacts(Path path, Kind kind, String owner, String group, int mode, boolean accessList) {
    public enum Kind {
        FOLDER,
        LINK,
        OTHER,
        MISSING
    }

    static PathFacts missing(Path path) {
        return PathFactsBuilder.builder()
                .path(path)
                .kind(Kind.MISSING)
                .owner("")
                .group("")
                .mode(0)
                .accessList(false)
                .build();
    }
}
