package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.cli.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The operator's first report on an object that this user has created. It sees what the user may not, and an object that
 * names something that is not there would wait for ever.
 */
final class FirstVerdict {
    private static final int LOOKS = 20;

    private static final Duration BETWEEN = Duration.ofMillis(250);

    private FirstVerdict() {}

    /**
     * Waits for it for some seconds.
     *
     * @param condition that shows it; empty before the operator has seen the object
     * @throws CommandException if it has one of these reasons; then the object is deleted
     */
    static <T extends HasMetadata> void require(
            Resource<T> created, Function<T, Optional<Condition>> condition, List<Reason> refusals)
            throws InterruptedException {
        for (int look = 0; look < LOOKS; look++) {
            Optional<Condition> seen = Optional.ofNullable(created.get()).flatMap(condition);
            if (seen.isPresent()) {
                refuse(created, seen.get(), refusals);
                return;
            }
            Thread.sleep(BETWEEN);
        }
    }

    private static <T extends HasMetadata> void refuse(Resource<T> created, Condition verdict, List<Reason> refusals) {
        if (refusals.stream().map(Reason::name).anyMatch(verdict.getReason()::equals)) {
            PluginWriter.delete(created);
            throw new CommandException(verdict.getMessage());
        }
    }
}
