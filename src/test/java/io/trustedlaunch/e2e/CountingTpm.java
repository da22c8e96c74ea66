package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.GuestStateVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A guest that increments a counter in its TPM every two seconds and prints it, after every boot. */
final class CountingTpm {
    private static final String BOOT = "PROOF boot=";
    private static final Pattern COUNT = Pattern.compile("PROOF nv-counter=(\\d+)");
    private static final Pattern STATE = Pattern.compile("guest-state-(\\d+)-(\\d+)\\.p7m");
    private static final Duration POLL = Duration.ofMillis(200);

    private final Stage stage;
    private final String uid;

    CountingTpm(Stage stage, String uid) {
        this.stage = stage;
        this.uid = uid;
    }

    /** Returns a count that is in the home. */
    int awaitSealed() {
        awaitCounts(1);
        int counted = boots().getLast().getLast();
        GuestStateVersion then = newest();
        // The next one may have been read from the TPM before it counted; the one after that was not.
        await("two newer states at home")
                .atMost(Stage.TIMEOUT)
                .pollInterval(POLL)
                .until(() -> newest().compareTo(new GuestStateVersion(then.epoch(), then.generation() + 1)) > 0);
        return counted;
    }

    /** Returns when it has printed so many counts since it booted last. */
    void awaitCounts(int counts) {
        await(counts + " counts since the guest's last boot")
                .atMost(Stage.TIMEOUT)
                .pollInterval(POLL)
                .until(() -> bootCount() > 0 && boots().getLast().size() >= counts);
    }

    /** Waits for that boot, and asserts that its TPM counts on from what was sealed; returns how many counts were lost. */
    int awaitBoot(int boot, int sealed) {
        await("boot " + boot).atMost(Stage.TIMEOUT).pollInterval(POLL).until(() -> boots().size() >= boot);
        awaitCounts(1);
        List<List<Integer>> boots = boots();
        assertThat(boots).hasSize(boot);
        int first = boots.getLast().getFirst();
        assertThat(first).as("count after the boot").isGreaterThan(sealed);
        return Math.max(0, boots.get(boot - 2).getLast() + 1 - first);
    }

    int bootCount() {
        return boots().size();
    }

    /** What it counted in each boot. */
    private List<List<Integer>> boots() {
        return Arrays.stream(stage.console(uid).split(BOOT))
                .skip(1)
                .map(text -> COUNT.matcher(text)
                        .results()
                        .map(found -> Integer.valueOf(found.group(1)))
                        .toList())
                .toList();
    }

    private GuestStateVersion newest() {
        try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
            return files.map(file -> STATE.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> new GuestStateVersion(Long.valueOf(name.group(1)), Long.valueOf(name.group(2))))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
