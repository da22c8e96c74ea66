/**
 * The operator's side of buckets: it reads an account's key from the Secret that a BackupLocation names, and signs with it what
 * the node of one run may ask.
 */
package io.trustedlaunch.operator.backup.s3;
