/**
 * The controller of BackupLocations: whether the store that each means is there, node by node or in its bucket, by its marker; and
 * what those who use one wait for.
 */
package io.trustedlaunch.operator.backuplocation;
