package io.trustedlaunch.agent.tpm;

/**
 * A TPM that was looked into before. Its endorsement key takes a tenth of a second or more to make anew, since it is made of
 * primes; a key on a curve takes next to nothing, and is another one if the seed that both are made from is another.
 *
 * @param mark the public area of that key, in hex
 */
public record KnownTpm(EndorsementKey key, String mark) {}
