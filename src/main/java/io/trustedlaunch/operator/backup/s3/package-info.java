/**
 * What only the operator does with buckets: it has the account's key, reads it from the Secret that a BackupLocation names, and
 * signs with it what the node of one run may ask. Nothing else sees the key.
 */
package io.trustedlaunch.operator.backup.s3;
