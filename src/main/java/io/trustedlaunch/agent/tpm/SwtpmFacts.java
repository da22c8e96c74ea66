package io.trustedlaunch.agent.tpm;

/**
 * The swtpm on this host, with which a TPM was made.
 *
 * @param version as in {@code 0.7.1}
 */
public record SwtpmFacts(String version, Libtpms libtpms) {}
