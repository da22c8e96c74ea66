/** Backups, their schedules and locations, and the runs that make, verify and remove them on a node. */
package io.trustedlaunch.api.backup;
