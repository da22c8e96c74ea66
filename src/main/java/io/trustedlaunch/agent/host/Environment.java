package io.trustedlaunch.agent.host;

import io.trustedlaunch.failpoint.Failpoints;
import java.security.SecureRandom;
import java.time.InstantSource;

/** What a test plays for a whole agent: deaths, time and chance. */
public record Environment(Failpoints failpoints, InstantSource clock, SecureRandom random) {}
