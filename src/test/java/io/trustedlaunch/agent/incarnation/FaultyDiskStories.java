package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.testkit.faultydisk.DiskFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/** What {@link FaultyDiskTest} runs in a process with a faulty disk: one life, or one move, for each write that fails. */
final class FaultyDiskStories {
    private enum Story {
        LIFE(LifeOnAFaultyDisk::play),
        MOVE(LifeOnAFaultyDisk::playMove);

        private final Consumer<LifeOnAFaultyDisk> played;

        Story(Consumer<LifeOnAFaultyDisk> played) {
            this.played = played;
        }
    }

    private FaultyDiskStories() {}

    /**
     * Tells each story that does not end well, and how many there were.
     *
     * @param arguments a folder; the kind of failure; whether it lasts until it is mended; the first write that fails, and
     *     how many further on the next is
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        DiskFaults.Kind kind = DiskFaults.Kind.valueOf(arguments[1]);
        boolean lasts = Boolean.parseBoolean(arguments[2]);
        int first = Integer.parseInt(arguments[3]);
        int step = Integer.parseInt(arguments[4]);
        boolean well = true;
        for (Story story : Story.values()) {
            well &= allEndWell(story, Files.createDirectory(folder.resolve(story.name())), kind, lasts, first, step);
        }
        System.exit(well ? 0 : 1);
    }

    private static boolean allEndWell(
            Story story, Path folder, DiskFaults.Kind kind, boolean lasts, int first, int step) throws IOException {
        int write = first;
        int stories = 0;
        int bad = 0;
        while (true) {
            Path root = Files.createDirectory(folder.resolve("write-" + write));
            DiskFaults.plan(write, lasts ? Integer.MAX_VALUE : write + 1, kind);
            String trouble = trouble(story, root);
            String failed = DiskFaults.failed().stream().findFirst().orElse("none");
            DiskFaults.count(false);
            DurableFiles.deleteTree(root);
            if (!trouble.isEmpty()) {
                bad++;
                System.out.println(story + ", write " + write + ", " + failed + ": " + trouble);
            }
            if (failed.equals("none")) {
                break;
            }
            stories++;
            write += step;
        }
        System.out.println(story + ": " + stories + " with a write that failed, each another; " + (write - step)
                + " was the last");
        return bad == 0 && stories > 0;
    }

    private static String trouble(Story story, Path root) throws IOException {
        try {
            story.played.accept(new LifeOnAFaultyDisk(root));
            return "";
        } catch (RuntimeException | AssertionError e) {
            return e
                    + Arrays.stream(e.getStackTrace())
                            .filter(frame -> frame.getClassName().startsWith(LifeOnAFaultyDisk.class.getPackageName()))
                            .findFirst()
                            .map(frame -> " at " + frame)
                            .orElse("");
        }
    }
}
