package io.trustedlaunch.agent.gueststate;

/** A file of a VM's home to be sent to another home: a sealed guest state, or an escrow. */
public record HomeFile(String name, byte[] content) {}
