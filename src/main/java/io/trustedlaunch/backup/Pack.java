package io.trustedlaunch.backup;

import java.util.Comparator;
import java.util.UUID;

/**
 * A file of segments.
 *
 * @param backup in whose folder it is: the one that has written it; later ones use it as well
 * @param file its name
 */
public record Pack(UUID backup, String file) implements Comparable<Pack> {
    private static final Comparator<Pack> ORDER =
            Comparator.comparing(Pack::backup).thenComparing(Pack::file);

    @Override
    public int compareTo(Pack other) {
        return ORDER.compare(this, other);
    }
}
