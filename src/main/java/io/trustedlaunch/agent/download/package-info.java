/**
 * Disks of backups for users: the sessions of VMBackupDownloads. What a client gets was opened here under the VM's key, which does not
 * leave the node.
 */
package io.trustedlaunch.agent.download;
