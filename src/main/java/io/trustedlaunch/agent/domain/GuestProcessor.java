package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * What a host gives to a guest for its processors.
 *
 * @param without features of the host's processor that the guest does not get
 */
public record GuestProcessor(Acceleration acceleration, List<String> without) {
    public GuestProcessor {
        without = Lists.orEmpty(without);
    }

    public static GuestProcessor of(Acceleration acceleration) {
        return new GuestProcessor(acceleration, List.of());
    }
}
