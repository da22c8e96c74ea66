/**
 * The operator's side of buckets. Only this package has an account's key: it reads it from the Secret that a BackupLocation
 * names, and signs with it what the node of one run may ask.
 */
package io.trustedlaunch.operator.backup.s3;
