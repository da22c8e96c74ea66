package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.api.GuestStateVersion;

/** A sealed guest state, with its file as it is at home. */
public record SealedFile(GuestStateVersion version, byte[] content) {}
