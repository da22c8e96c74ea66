package io.trustedlaunch.backup;

import java.util.regex.Pattern;

/** The names of a backup's files. There are no others, so that no name in a store or an index becomes a path. */
public final class BackupFileName {
    /** Written last: the backup exists when this does. */
    public static final String INDEX = "index.json";

    /** The VM's sealed guest state, byte for byte as it is at home. */
    public static final String GUEST_STATE = "guest-state";

    /** The escrow of the VM, sealed for the recovery certificate; absent if the installation has none. */
    public static final String RECOVERY_ESCROW = "recovery.escrow";

    /** The same, sealed for the cluster's backup key. Not in the index: it is replaced when that key is. */
    public static final String CLUSTER_ESCROW = "cluster.escrow";

    /** Empty: in a bucket, which has no folders, it shows that a run has begun. */
    public static final String BEGUN = "begun";

    public static final String DESCRIPTION = "description.sealed";

    /** Packs of data, and of maps, which say where the data of a disk are. */
    private static final Pattern PACK = Pattern.compile("(data|map)-[0-9]{5}");

    /** The most packs of each kind that a backup may write. */
    private static final int MOST_PACKS = 100_000;

    private BackupFileName() {}

    public static String dataPack(int number) {
        return "data-%05d".formatted(require(number));
    }

    public static String mapPack(int number) {
        return "map-%05d".formatted(require(number));
    }

    private static int require(int number) {
        if (number < 0 || number >= MOST_PACKS) {
            throw new IllegalStateException("a backup has at most " + MOST_PACKS + " packs of a kind");
        }
        return number;
    }

    public static boolean isPack(String name) {
        return PACK.matcher(name).matches();
    }

    public static boolean isMapPack(String name) {
        return isPack(name) && name.startsWith("map-");
    }

    /** Whether the index of a backup may list it. */
    public static boolean isIndexed(String name) {
        return name.equals(GUEST_STATE) || name.equals(RECOVERY_ESCROW) || name.equals(DESCRIPTION);
    }

    /** Whether a store may have it. */
    public static boolean isKnown(String name) {
        return isIndexed(name)
                || isPack(name)
                || name.equals(INDEX)
                || name.equals(CLUSTER_ESCROW)
                || name.equals(BEGUN);
    }
}
