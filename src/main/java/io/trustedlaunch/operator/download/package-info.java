/** The controller of VMBackupDownloads: which agent serves a disk of a backup to a user, with which keys, and until when. */
package io.trustedlaunch.operator.download;
