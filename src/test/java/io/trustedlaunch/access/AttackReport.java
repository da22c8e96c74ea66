package io.trustedlaunch.access;

import io.trustedlaunch.access.Probe.Answer;
import io.trustedlaunch.testkit.Call.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Who refused what. */
record AttackReport(List<Shot> shots) {
    /** A probe with its answer. */
    record Shot(Probe probe, Response response) {
        Answer answer() {
            return Probe.answer(response);
        }

        boolean may() {
            return probe.target().attacker().may(probe);
        }

        @Override
        public String toString() {
            return probe.aim() + " by " + probe.call().method() + " "
                    + probe.call().path() + " " + first(probe.call().body()) + " -> " + response.code() + " "
                    + first(response.message());
        }

        private static String first(String text) {
            return text == null ? "" : text.substring(0, Math.min(200, text.length()));
        }
    }

    List<Shot> takenAgainstTheTable() {
        return shots.stream()
                .filter(shot -> shot.answer() == Answer.TAKEN && !shot.may())
                .toList();
    }

    /** Aims that the table does not give, and of which no attempt came so far as to be refused by a role or a policy. */
    List<Shot> heldByValidationAlone() {
        Set<String> held = shots.stream()
                .filter(shot -> shot.answer() == Answer.ROLES || shot.answer() == Answer.POLICY)
                .map(shot -> shot.probe().aim())
                .collect(Collectors.toSet());
        return shots.stream()
                .filter(shot -> shot.answer() == Answer.VALIDATION && !shot.may())
                .filter(shot -> !held.contains(shot.probe().aim()))
                .toList();
    }

    String toMarkdown() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| token | probes | refused by roles | by a policy | by validation alone | given by the table or a role"
                        + " | taken against them |");
        lines.add("|---|---|---|---|---|---|---|");
        Set<String> names = shots.stream()
                .map(shot -> shot.probe().target().attacker().name())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (String name : names) {
            lines.add(row(name, shot -> shot.probe().target().attacker().name().equals(name)));
        }
        lines.add(row("all", shot -> true));
        return String.join("\n", lines) + "\n";
    }

    private String row(String name, Predicate<Shot> which) {
        List<Shot> counted = shots.stream().filter(which).toList();
        long given =
                count(counted, shot -> shot.may() && shot.answer() != Answer.ROLES && shot.answer() != Answer.POLICY);
        return "| %s | %d | %d | %d | %d | %d | %d |"
                .formatted(
                        name,
                        counted.size(),
                        count(counted, shot -> shot.answer() == Answer.ROLES),
                        count(counted, shot -> shot.answer() == Answer.POLICY),
                        count(counted, shot -> shot.answer() == Answer.VALIDATION && !shot.may()),
                        given,
                        count(counted, shot -> shot.answer() == Answer.TAKEN && !shot.may()));
    }

    private static long count(List<Shot> shots, Predicate<Shot> which) {
        return shots.stream().filter(which).count();
    }
}
