package io.trustedlaunch.agent.tpm;

/**
 * What was proved about swtpm on this host by making a TPM with it.
 *
 * @param version as in {@code 0.7.1}
 */
public record SwtpmFacts(String version, String user) {}
