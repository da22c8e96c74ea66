package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.GuestWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Moves of one guest, one after the other, during each of which something goes wrong. */
final class MoveTrials {
    /** In seconds; shorter than libvirt and TCP do. */
    static final int LONGER_THAN_AGENTS_WAIT = 25;

    /** What the names of those are to have that are tried; all, if nothing is said. */
    private static final Pattern ONLY = Pattern.compile(System.getProperty("faults.only", ""));

    private MoveTrials() {}

    /**
     * Never do two guests run, never does none run for as long as the hosts are cut off from each other, and after each all
     * is well by itself.
     *
     * @param harms what goes wrong in each move, by a name of its own
     */
    static Map<String, HarmfulMove.Outcome> allGoWell(
            String name, Function<Stage, MovingGuest> start, Map<String, List<Harm>> harms) {
        Map<String, HarmfulMove.Outcome> outcomes = oneGuestGoesOn(name, start, harms);
        List<String> stoodUntilTheEnd = new ArrayList<>();
        outcomes.forEach((what, outcome) -> {
            if (stoodUntilTheEnd(harms.get(what), outcome)) {
                stoodUntilTheEnd.add(what + ": " + outcome.stoodStill());
            }
        });
        assertThat(stoodUntilTheEnd).isEmpty();
        return outcomes;
    }

    /** Never do two guests run, and after each move all is well by itself; for how long none ran is for the caller to judge. */
    static Map<String, HarmfulMove.Outcome> oneGuestGoesOn(
            String name, Function<Stage, MovingGuest> start, Map<String, List<Harm>> harms) {
        Map<String, HarmfulMove.Outcome> outcomes = new LinkedHashMap<>();
        try (Stage stage = Stage.open(name)) {
            MovingGuest guest = start.apply(stage);
            try (GuestWatch watch = GuestWatch.of(stage.lab, guest.uid())) {
                harms.forEach((what, harm) -> {
                    if (!ONLY.matcher(what).find()) {
                        return;
                    }
                    System.out.println("FAULT " + what + ": " + harm);
                    HarmfulMove.Outcome outcome = HarmfulMove.of(stage.lab, guest, watch, harm);
                    System.out.println("FAULT " + what + ": " + outcome);
                    outcomes.put(what, outcome);
                    assertThat(watch.twoAtOnce()).as(what).isEmpty();
                    guest.assertOneHistory();
                });
            }
        }
        return outcomes;
    }

    /** Rather than that the hosts found out by themselves, and well before. */
    private static boolean stoodUntilTheEnd(List<Harm> harms, HarmfulMove.Outcome outcome) {
        int silence = harms.stream().mapToInt(Harm::silence).max().orElse(0);
        return silence >= LONGER_THAN_AGENTS_WAIT && outcome.stoodStill().compareTo(Duration.ofSeconds(silence)) >= 0;
    }
}
