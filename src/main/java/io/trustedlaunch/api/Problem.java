package io.trustedlaunch.api;

/** Why something is not as it should be: a reason, and a message with the object, the fact and the next step. */
public record Problem(Reason reason, String message) {}
