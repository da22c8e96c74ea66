package io.trustedlaunch.api;

import java.util.Optional;

/** A value, or why there is none now. */
public sealed interface Result<T> {
    record Value<T>(T value) implements Result<T> {
        /** Omits the value, which may be a secret. */
        @Override
        public String toString() {
            return "Value";
        }
    }

    record Refused<T>(Problem problem) implements Result<T> {}

    default Optional<T> found() {
        return this instanceof Value<T>(T value) ? Optional.of(value) : Optional.empty();
    }

    default Optional<Problem> refusal() {
        return this instanceof Refused<T>(Problem problem) ? Optional.of(problem) : Optional.empty();
    }
}
