package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.faultydisk.DiskFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/** Run by {@link FaultyDiskTest} in a process with a faulty disk: a story for each write that fails. */
final class FaultyDiskStories {
    /** A run fails one part of all writes. */
    static final int PARTS = 6;

    private enum Story {
        INCARNATION(IncarnationOnAFaultyDisk::play),
        MIGRATION(IncarnationOnAFaultyDisk::playMigration);

        private final Consumer<IncarnationOnAFaultyDisk> played;

        Story(Consumer<IncarnationOnAFaultyDisk> played) {
            this.played = played;
        }
    }

    private enum Way {
        NO_SPACE_ONCE(DiskFaults.Kind.NO_SPACE, false),
        NO_SPACE_THAT_LASTS(DiskFaults.Kind.NO_SPACE, true),
        IO_ERROR_ONCE(DiskFaults.Kind.IO_ERROR, false),
        IO_ERROR_THAT_LASTS(DiskFaults.Kind.IO_ERROR, true);

        private final DiskFaults.Kind kind;
        private final boolean lasts;

        Way(DiskFaults.Kind kind, boolean lasts) {
            this.kind = kind;
            this.lasts = lasts;
        }

        void plan(int write) {
            DiskFaults.plan(write, lasts ? Integer.MAX_VALUE : write + 1, kind);
        }
    }

    private FaultyDiskStories() {}

    /**
     * Prints each story that does not end well, and how many there were.
     *
     * @param arguments a folder; which part of the writes fails, each in one way, or "every" for each write in each way
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        boolean every = arguments[1].equals("every");
        int ways = Way.values().length;
        int first = every ? 1 : 1 + ways * Integer.parseInt(arguments[1]);
        boolean well = true;
        for (Way way : Way.values()) {
            for (Story story : Story.values()) {
                Path place = Files.createDirectory(folder.resolve(way + "-" + story));
                well &= allEndWell(story, place, way, first, every ? 1 : PARTS * ways);
            }
            first += every ? 0 : 1;
        }
        System.exit(well ? 0 : 1);
    }

    /**
     * @param first the first write that fails
     * @param step how many further on the next is
     */
    private static boolean allEndWell(Story story, Path folder, Way way, int first, int step) throws IOException {
        int write = first;
        int stories = 0;
        int bad = 0;
        while (true) {
            Path root = Files.createDirectory(folder.resolve("write-" + write));
            way.plan(write);
            String problem = problem(story, root);
            String failed = DiskFaults.failed().stream().findFirst().orElse("none");
            DiskFaults.count(false);
            FileTree.of(root).delete();
            if (!problem.isEmpty()) {
                bad++;
                System.out.println(way + ", " + story + ", write " + write + ", " + failed + ": " + problem);
            }
            if (failed.equals("none")) {
                break;
            }
            stories++;
            write += step;
        }
        System.out.println(way + ", " + story + ": " + stories + " with a write that failed, each another; "
                + (write - step) + " was the last");
        return bad == 0 && stories > 0;
    }

    private static String problem(Story story, Path root) throws IOException {
        try {
            story.played.accept(new IncarnationOnAFaultyDisk(root));
            return "";
        } catch (RuntimeException | AssertionError e) {
            return e
                    + Arrays.stream(e.getStackTrace())
                            .filter(frame ->
                                    frame.getClassName().startsWith(IncarnationOnAFaultyDisk.class.getPackageName()))
                            .findFirst()
                            .map(frame -> " at " + frame)
                            .orElse("");
        }
    }
}
