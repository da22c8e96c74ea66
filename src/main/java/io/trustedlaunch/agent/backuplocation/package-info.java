/**
 * The folders of BackupLocations on this host: the marker of each is looked for, and made once, on a person's order and never
 * otherwise.
 */
package io.trustedlaunch.agent.backuplocation;
