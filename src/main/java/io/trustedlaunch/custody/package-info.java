/**
 * Keys, envelopes and certificates: the one package that makes crypto objects.
 *
 * <p>Pure: no Kubernetes client, no files, no clock and no source of randomness of its own. Secrets leave it only as
 * bytes that a caller asked for by name, never through {@code toString}.
 */
package io.trustedlaunch.custody;
