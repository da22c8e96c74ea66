package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import java.util.List;
import java.util.Optional;

/** The guest states in a VM's home, by the names of its files. */
public sealed interface HomeListing {
    /** @param versions the newest first */
    record Seen(List<GuestStateVersion> versions) implements HomeListing {
        public Seen {
            versions = List.copyOf(versions);
        }
    }

    /** It cannot be listed, or there was no need to: what is there is unknown. */
    record Unseen(Reason reason, String message) implements HomeListing {}

    default List<GuestStateVersion> versions() {
        return this instanceof Seen(List<GuestStateVersion> versions) ? versions : List.of();
    }

    default boolean isSeen() {
        return this instanceof Seen;
    }

    default Optional<GuestStateVersion> newest() {
        return versions().stream().findFirst();
    }

    /** The incarnation was started somewhere: its claim is durable before its guest runs. */
    default boolean isClaimedBy(long epoch) {
        return versions().stream().anyMatch(version -> version.epoch() == epoch);
    }
}
