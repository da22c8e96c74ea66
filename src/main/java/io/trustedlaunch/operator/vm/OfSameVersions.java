package io.trustedlaunch.operator.vm;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What follows from cached objects alone, made anew once one of them is another: an object in a cache is replaced and never
 * changed. Each pass reads the caches, so it is given nothing that is older than they are.
 *
 * @param <R> what follows
 */
final class OfSameVersions<R> {
    private record Made<R>(List<?> from, R result) {}

    private volatile Optional<Made<R>> last = Optional.empty();

    /** @param from all that the result follows from */
    R of(List<?> from, Supplier<R> make) {
        Made<R> made = last.filter(known -> areSame(known.from(), from)).orElseGet(() -> new Made<>(from, make.get()));
        last = Optional.of(made);
        return made.result();
    }

    private static boolean areSame(List<?> ones, List<?> others) {
        if (ones.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < ones.size(); i++) {
            if (ones.get(i) != others.get(i)) {
                return false;
            }
        }
        return true;
    }
}
