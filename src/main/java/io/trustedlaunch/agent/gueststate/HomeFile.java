package io.trustedlaunch.agent.gueststate;

/** A file of a VM's home on its way to another: a sealed guest state, or an escrow. */
public record HomeFile(String name, byte[] content) {}
