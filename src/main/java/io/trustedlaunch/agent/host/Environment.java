package io.trustedlaunch.agent.host;

import io.trustedlaunch.failpoint.Failpoints;
import java.security.SecureRandom;
import java.time.InstantSource;

/** The failpoints, clock and randomness of a whole agent, which a test can replace. */
public record Environment(Failpoints failpoints, InstantSource clock, SecureRandom random) {}
